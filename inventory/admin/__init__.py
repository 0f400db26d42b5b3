"""One file for each model; importing them registers them."""

from inventory.admin import low_stock, reconciliation

__all__ = ["low_stock", "reconciliation"]

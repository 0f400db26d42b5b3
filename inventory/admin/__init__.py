"""One file for each model; importing them registers them."""

from inventory.admin import level, location, low_stock, movement, posting, reconciliation, stocktake

__all__ = ["level", "location", "low_stock", "movement", "posting", "reconciliation", "stocktake"]

"""One file for each model; importing them registers them."""

from catalog.admin import bulk_edit, category, product, transfer

__all__ = ["bulk_edit", "category", "product", "transfer"]

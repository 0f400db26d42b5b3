"""One file for each model; importing them registers them."""

from inventory.admin import level, location, movement, posting, stocktake

__all__ = ["level", "location", "movement", "posting", "stocktake"]

"""One file for each model; importing them registers them."""

from catalog.admin import product_image

__all__ = ["product_image"]

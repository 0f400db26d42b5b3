"""One file for each model; importing them registers them."""

from monitoring.admin import change, notice

__all__ = ["change", "notice"]

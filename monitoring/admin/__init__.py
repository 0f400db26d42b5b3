"""One file for each model; importing them registers them."""

from monitoring.admin import change, channel, delivery, notice

__all__ = ["change", "channel", "delivery", "notice"]

"""One file for each model; importing them registers them."""

from monitoring.admin import alarm_rule, change, channel, delivery, maintenance, notice

__all__ = ["alarm_rule", "change", "channel", "delivery", "maintenance", "notice"]

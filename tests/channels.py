"""Notices and channels for tests."""

from __future__ import annotations

import itertools
from typing import Any

from monitoring.models import Channel, Delivery, Notice

_numbers = itertools.count(1)


def a_notice(topic: str = "low stock", **more: Any) -> Notice:
    number = next(_numbers)
    told = {
        "subject": f"Notice {number}",
        "body": "Two left.\nOrder 40.",
        "link": "/admin/inventory/lowstock/7/change/",
    }
    return Notice.objects.create(key=f"low-stock/{number}", topic=topic, **{**told, **more})


def a_channel(address: str = "https://hooks.example/x", kind: str = "webhook", **more: Any) -> Channel:
    name = f"Channel {next(_numbers)}"
    return Channel.objects.create(**{"name": name, "kind": kind, "address": address, "shown_as": "…", **more})


def deliveries() -> dict[str, int]:
    """How many there are in each status."""
    statuses = list(Delivery.objects.values_list("status", flat=True))
    return {status: statuses.count(status) for status in sorted(set(statuses))}

"""Notices and channels for tests."""

from __future__ import annotations

import hmac
import itertools
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from monitoring.channels.signing import secret_of
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


def is_signed(channel: Channel, headers: Mapping[str, str], body: bytes) -> bool:
    """As a receiver checks it that was given the channel's secret; here a second time, by Standard Webhooks' words."""
    secret = b64decode(secret_of(channel).removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(secret, content, "sha256").digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"

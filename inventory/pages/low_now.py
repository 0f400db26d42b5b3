"""What is low now, for the home page: how many levels, and those that fell last."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse

from inventory.models import LowStock

MOST_COUNTED = 1000


class LowNow(NamedTuple):
    number: int
    more: bool
    shown: list[Any]
    url: str


def low_now(most: int) -> LowNow:
    """One query: of a thousand there is no need to know the exact number on a page of everything."""
    rows = LowStock.objects.filter(closed_at=None).order_by("-pk")
    found = list(rows.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    shown = rows.select_related("level__product", "level__location").filter(pk__in=found[:most]) if found else []
    url = reverse("admin:inventory_lowstock_changelist")
    return LowNow(min(len(found), MOST_COUNTED), len(found) > MOST_COUNTED, list(shown), url)

"""Low stock: opened when what is available falls to the reorder point, closed when it is well above, told once.

In the transaction that changed the level, and under its lock, so that no crossing is missed and none is seen twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from inventory.models import LowStock, StockLevel
from monitoring.context import carried
from monitoring.models import Notice

TOPIC = "low stock"

OPEN = """
    INSERT INTO inventory_lowstock (level_id, available, reorder_point)
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[])
    ON CONFLICT (level_id) WHERE closed_at IS NULL DO NOTHING
    RETURNING id"""


class Change(NamedTuple):
    """What was available of a level, and what is now."""

    level_id: int
    before: int
    after: int
    reorder_point: int


def closes_at(reorder_point: int) -> int:
    """A tenth above the reorder point, and at least one piece: what sways around it is told once, not each time."""
    return reorder_point + max(1, -(-reorder_point // 10))


def settle(changes: Iterable[Change]) -> None:
    """Open and close what these changes crossed."""
    watched = [change for change in changes if change.reorder_point]
    if opened := [change for change in watched if change.after <= change.reorder_point < change.before]:
        open_for(opened)
    if closed := [change for change in watched if change.before < closes_at(change.reorder_point) <= change.after]:
        close_for([change.level_id for change in closed])


def settle_anew(level: StockLevel) -> None:
    """Of a level whose reorder point was changed: wherever it stands, as if it had just come there."""
    point = level.reorder_point
    if point and level.available <= point:
        open_for([Change(level.pk, level.available, level.available, point)])
    elif not point or level.available >= closes_at(point):
        close_for([level.pk])


def open_for(changes: list[Change]) -> None:
    """Those that are open already stay as they are."""
    with connection.cursor() as cursor:
        columns = zip(*((change.level_id, change.after, change.reorder_point) for change in changes), strict=True)
        cursor.execute(OPEN, [list(column) for column in columns])
        opened = [number for (number,) in cursor.fetchall()]
    events = LowStock.objects.filter(pk__in=opened).select_related("level__product", "level__location").order_by("pk")
    Notice.objects.bulk_create([notice_of(event) for event in events], ignore_conflicts=True)


def close_for(levels: list[int]) -> None:
    LowStock.objects.filter(level_id__in=levels, closed_at=None).update(closed_at=Now())


def open_events() -> QuerySet[LowStock]:
    return LowStock.objects.filter(closed_at=None)


def notice_of(event: LowStock) -> Notice:
    level = event.level
    order = f" Order {level.reorder_quantity:,}." if level.reorder_quantity else ""
    what = "out of stock" if event.available <= 0 else f"{event.available:,} left"
    return Notice(
        key=f"low-stock/{event.pk}",
        topic=TOPIC,
        subject=f"{level.product.sku} at {level.location.code}: {what}"[:200],
        body=f"{level.product.name}, at {level.location.name}: {event.available:,} available, the reorder point is"
        f" {event.reorder_point:,}.{order}",
        link=reverse("admin:inventory_lowstock_change", args=[event.pk]),
        trace_id=carried().get("trace_id", "")[:32],
    )

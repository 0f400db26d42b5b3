"""Once a day, what is low, in one notice; none on a day on which nothing is."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from inventory.ledger.low_stock import TOPIC, open_events
from inventory.models import LowStock
from monitoring.models import Notice

MOST_LISTED = 200


def low_stock_digest() -> Notice | None:
    """The notice of this day of the business's zone, if it was written now; run again, it is not written again."""
    low = open_events().select_related("level__product", "level__location")
    count = low.count()
    if not count:
        return None
    today = timezone.localdate().isoformat()
    lines = [_line(event) for event in low.order_by("level__location__code", "level__product__sku")[:MOST_LISTED]]
    if count > MOST_LISTED:
        lines.append(f"And {count - MOST_LISTED:,} more.")
    notice, new = Notice.objects.get_or_create(
        key=f"low-stock-digest/{today}",
        defaults={
            "topic": TOPIC,
            "subject": f"{count:,} {'level is' if count == 1 else 'levels are'} low on {today}",
            "body": "\n".join(lines),
            "link": reverse("admin:inventory_lowstock_changelist"),
        },
    )
    return notice if new else None


def _line(event: LowStock) -> str:
    level = event.level
    stands = "out of stock" if level.available <= 0 else f"{level.available:,} available"
    order = f", order {level.reorder_quantity:,}" if level.reorder_quantity else ""
    what = f"{level.product.sku} {level.product.name}, at {level.location.code}"
    return f"{what}: {stands}, reorder point {level.reorder_point:,}{order}"

"""What waits in each queue, and since when: as it was seen last, never asked of a broker while somebody waits."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from batches.models import QueueLook
from batches.pages import links
from batches.pages.home_now import Lately
from monitoring.metrics.read import Key, Point
from monitoring.pages.time_range import TimeRange


class QueueRow(NamedTuple):
    """`waiting` and `age` (seconds) are None where nobody could say."""

    queue: str
    broker: str
    waiting: int | None
    age: float | None
    at: datetime
    url: str
    failure: str = ""


def queues(range: TimeRange, lately: Lately) -> list[QueueRow]:
    """Those that were looked at of late."""
    ages = lately.last("queue.age")
    return [_row(key, point, ages.get(key), range) for key, point in lately.last("queue.depth").items()]


def dead_queues() -> list[QueueRow]:
    """Drained every few seconds: what is in one for longer could not be moved into the database."""
    return [
        QueueRow(
            look.queue, "dead letters", look.depth_after,
            (look.looked_at - look.oldest_at).total_seconds() if look.oldest_at and look.depth_after else None,
            look.looked_at, links.letters(kind__exact="event"), look.failure,
        )
        for look in QueueLook.objects.filter(dead=True)
    ]  # fmt: skip


def _row(key: Key, seen: Point, oldest: Point | None, range: TimeRange) -> QueueRow:
    depth = seen.summary.average
    age = oldest.summary.most if oldest else None
    asked = {"range": range.key, "queue": key[0], "broker": key[1]}
    url = f"{reverse('monitoring:metric', args=['queue.depth'])}?{urlencode(asked)}"
    return QueueRow(key[0], key[1], None if depth is None else round(depth), age, seen.at, url)

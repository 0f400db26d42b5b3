"""How things stand with channels: for their list, their pages and the home page. One query each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Q

from monitoring.models import Delivery


class Standing(NamedTuple):
    waiting: int = 0
    given_up: int = 0
    unsure: int = 0
    last_sent_at: datetime | None = None

    @property
    def failed(self) -> int:
        return self.given_up + self.unsure


def standing(channel_ids: Iterable[int]) -> dict[int, Standing]:
    rows = Delivery.objects.filter(channel__in=list(channel_ids)).order_by().values("channel").annotate(
        waiting=Count("pk", filter=Q(status__in=("waiting", "sending"))),
        given_up=Count("pk", filter=Q(status="given_up")),
        unsure=Count("pk", filter=Q(status="unsure")),
        last_sent_at=Max("finished_at", filter=Q(status="sent")),
    )  # fmt: skip
    return {
        row["channel"]: Standing(row["waiting"], row["given_up"], row["unsure"], row["last_sent_at"]) for row in rows
    }

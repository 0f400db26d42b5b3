"""The outbox: what people are to be told, and nobody has been told yet. What no channel takes does not wait."""

from __future__ import annotations

from collections.abc import Iterator

from monitoring.models import Delivery, Notice
from monitoring.models.notice import NoticeState
from monitoring.telemetry import Sample


def waiting() -> Iterator[Sample]:
    yield Sample({}, Notice.objects.filter(state__in=(NoticeState.NEW, NoticeState.WAITING)).count())


def failed() -> Iterator[Sample]:
    yield Sample({}, Delivery.objects.filter(status__in=("given_up", "unsure")).count())

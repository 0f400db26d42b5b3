"""The outbox: what people are to be told, and nobody has been told yet."""

from __future__ import annotations

from collections.abc import Iterator

from monitoring.models import Notice
from monitoring.telemetry import Sample


def waiting() -> Iterator[Sample]:
    yield Sample({}, Notice.objects.filter(sent_at=None).count())

"""The stock's figures for `/metrics`, read from the database when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q

from inventory.ledger.low_stock import open_events
from inventory.models import Reconciliation
from monitoring.telemetry import Sample, gauge


def register() -> None:
    gauge("nightshelf_low_stock", "Levels that are low, and of these out of stock.", ("state",), _low)
    gauge("nightshelf_stock_differing", "Levels that differed from the ledger at the last look.", (), _differing)


def _low() -> Iterator[Sample]:
    out = Q(level__on_hand__lte=F("level__reserved"))
    found = open_events().aggregate(low=Count("pk"), out=Count("pk", filter=out))
    yield from (Sample({"state": state}, count) for state, count in found.items())


def _differing() -> Iterator[Sample]:
    last = Reconciliation.objects.exclude(finished_at=None).order_by("-pk").first()
    if last is not None:
        yield Sample({}, last.differing)

"""What the tests of traces are made of: what was kept, stored at once and read back."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet

from monitoring.models import Span
from monitoring.traces.export import exporter


def stored(trace_id: str = "") -> QuerySet[Span]:
    """Spans of the trace, or all, by their begin; what this process has kept is stored first."""
    exporter().flush()
    spans = Span.objects.order_by("started_at")
    return spans.filter(trace_id=trace_id) if trace_id else spans


def names(trace_id: str = "") -> Counter[str]:
    return Counter(stored(trace_id).values_list("name", flat=True))


def the_span(name: str, trace_id: str = "") -> Span:
    return stored(trace_id).get(name=name)

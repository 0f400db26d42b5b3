"""Other traces that this one goes back to, or that go back to it: a redrive and the job whose lines it tries again."""

from __future__ import annotations

from typing import NamedTuple

from monitoring.models import Span
from monitoring.pages.traces.load import spans_of
from monitoring.pages.traces.whole import Whole, wholes

MOST = 20


class Linked(NamedTuple):
    """`trace` is None where it is not kept any more."""

    trace_id: str
    span_id: str
    back: bool  # it goes back to that one; otherwise that one came of it
    trace: Whole | None


def linked(trace: Whole) -> list[Linked]:
    """Three queries. What came of it is found by the index on links, of any day."""
    told = spans_of(trace).exclude(links=[]).values_list("links", flat=True)[:MOST]
    there = [(str(link.get("trace_id", "")), str(link.get("span_id", ""))) for links in told for link in links]
    came = Span.objects.exclude(links=[]).filter(links__contains=[{"trace_id": trace.trace_id}])
    here = came.exclude(trace_id=trace.trace_id).values_list("trace_id", "span_id")[:MOST]
    found = {(of, True): span for of, span in there if _is_trace(of) and of != trace.trace_id}
    found |= {(of, False): span for of, span in here if (of, False) not in found}
    kept = wholes(of for of, _ in found) if found else {}
    return [Linked(of, span, back, kept.get(of)) for (of, back), span in list(found.items())[:MOST]]


def _is_trace(text: str) -> bool:
    return len(text) == 32 and not text.strip("0123456789abcdef")

"""Traces told by their steps: which have a step of that component or name, or in whose words the text is.

Steps are looked through from the newest, by an index, up to LOOKED_AT of them, and up to TRACES traces are taken: a
search stays quick however much is kept, and says where it stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from monitoring.models import LogLine, Span
from monitoring.pages.traces.names import names_like
from monitoring.pages.traces.wanted import Wanted

LOOKED_AT = 20_000
TRACES = 1_000

NEWEST = """
    WITH looked(trace_id, moment) AS ({steps}),
        grouped AS (SELECT trace_id, max(moment) AS moment FROM looked GROUP BY trace_id)
    SELECT trace_id, moment, (SELECT count(*) FROM looked), (SELECT min(moment) FROM looked)
    FROM grouped ORDER BY moment DESC LIMIT %s"""

LINES = """
    WITH looked AS ({lines}) SELECT (SELECT count(*) FROM looked), (SELECT min(at) FROM looked),
        ARRAY(SELECT DISTINCT encode(trace_id, 'hex') FROM looked WHERE event ILIKE %s LIMIT %s)"""


class Candidates(NamedTuple):
    """`since`: from when on they are complete; None where all there are were found."""

    trace_ids: list[str]
    since: datetime | None = None


def candidates(wanted: Wanted) -> Candidates:
    steps = Span.objects.filter(started_at__gte=wanted.time.start, started_at__lt=wanted.time.end)
    if wanted.component:
        steps = steps.filter(component=wanted.component)
    if wanted.caller:
        # What is asked of somebody else; what a process does itself is no call.
        steps = steps.filter(caller=wanted.caller)
    if wanted.name:
        steps = steps.filter(name=wanted.name)
    if wanted.errors and (wanted.component or wanted.caller or wanted.name):
        steps = steps.filter(failed=True)
    if not wanted.text:
        return _newest(steps, "started_at")
    return _joined([_newest(found, "started_at") for found in _worded(steps, wanted)] + _logged(wanted))


def _worded(steps: QuerySet[Span], wanted: Wanted) -> list[QuerySet[Span]]:
    """Messages are those of what failed. Names are few: which of them match is known before a step is looked at."""
    named = names_like(wanted.text, wanted.time)
    said = steps.filter(failed=True, message__icontains=wanted.text)
    return [said, *([steps.filter(name__in=named)] if named else [])]


def _logged(wanted: Wanted) -> list[Candidates]:
    if wanted.component or wanted.caller or wanted.name:
        return []  # a line of the log is no step
    lines = LogLine.objects.filter(at__gte=wanted.time.start, at__lt=wanted.time.end)
    # Looked through, and not found by an index: so many lines are read, whether or not the text is in them.
    newest = lines.order_by("-at").values("trace_id", "at", "event")[:LOOKED_AT]
    sql, parameters = newest.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LINES.format(lines=sql), [*parameters, f"%{_literally(wanted.text)}%", TRACES])
        looked, oldest, found = cursor.fetchone()
    return [Candidates(list(found), oldest if looked == LOOKED_AT else None)]


def _newest(rows: QuerySet[Any], moment: str) -> Candidates:
    found = rows.order_by(f"-{moment}").values_list("trace_id", moment)[:LOOKED_AT]
    sql, parameters = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(NEWEST.format(steps=sql), [*parameters, TRACES])
        told = cursor.fetchall()
    if not told:
        return Candidates([])
    _, last, looked, oldest = told[-1]
    stopped = last if len(told) == TRACES else oldest if looked == LOOKED_AT else None
    return Candidates([bytes(trace_id).hex() for trace_id, *_ in told], stopped)


def _joined(found: list[Candidates]) -> Candidates:
    since = max((one.since for one in found if one.since), default=None)
    return Candidates(list(dict.fromkeys(trace_id for one in found for trace_id in one.trace_ids)), since)


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

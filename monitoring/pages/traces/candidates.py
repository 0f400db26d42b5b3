"""Traces told by their steps: which have a step of that component or name, or in whose words the text is.

Steps are looked through from the newest, by an index, up to LOOKED_AT of them, and up to TRACES traces are taken: a
search stays quick however much is kept, and says where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Value

from monitoring.models import LogLine, Span
from monitoring.pages.traces.names import names_like
from monitoring.pages.traces.wanted import Wanted

LOOKED_AT = 10_000
TRACES = 500
NAMES = 20  # with a word in them; each is a walk of its own

NEWEST = """
    WITH looked(trace_id, moment, part) AS ({steps}),
        grouped AS (SELECT trace_id, max(moment) AS moment FROM looked GROUP BY trace_id),
        stopped AS (SELECT min(moment) AS moment FROM looked GROUP BY part HAVING count(*) >= %s)
    SELECT encode(trace_id, 'hex'), moment, (SELECT max(moment) FROM stopped)
    FROM grouped ORDER BY moment DESC LIMIT %s"""
LINES = """
    WITH looked AS ({lines}), grouped AS (
        SELECT trace_id, max(at) AS moment FROM looked WHERE event ILIKE %s GROUP BY trace_id
    )
    SELECT encode(trace_id, 'hex'), moment, CASE WHEN (SELECT count(*) FROM looked) >= %s
        THEN (SELECT min(at) FROM looked) END
    FROM (SELECT * FROM grouped ORDER BY moment DESC LIMIT %s) AS found
    RIGHT JOIN (SELECT) AS always ON true"""


class Candidates(NamedTuple):
    """`days`: where their rows are. `since`: from when on they are complete; None where all there are were found."""

    trace_ids: list[str]
    days: frozenset[date]
    since: datetime | None = None
    note: str = ""


def candidates(wanted: Wanted) -> Candidates:
    steps = Span.objects.filter(started_at__gte=wanted.time.start, started_at__lt=wanted.time.end)
    for field in ("component", "caller", "name"):
        if value := getattr(wanted, field):
            steps = steps.filter(**{field: value})
    if wanted.errors and (wanted.component or wanted.caller or wanted.name):
        steps = steps.filter(failed=True)
    if not wanted.text:
        return _newest([steps])
    named = names_like(wanted.text, wanted.time)
    found = _joined(_newest(_worded(steps, wanted.text, named[:NAMES])), _logged(wanted))
    return found._replace(note=_too_many(named)) if len(named) > NAMES else found


def _worded(steps: QuerySet[Span], text: str, names: Sequence[str]) -> list[QuerySet[Span]]:
    """Messages are those of what failed. Names are few: which of them match is known before a step is looked at."""
    return [steps.filter(failed=True, message__icontains=text), *(steps.filter(name=name) for name in names)]


def _too_many(names: Sequence[str]) -> str:
    return f"{len(names)} kinds of step have this in their name; {NAMES} were looked for. Say more of the name."


def _newest(walks: Sequence[QuerySet[Span]]) -> Candidates:
    """Each is walked by itself: an index gives one name's steps in order, and not those of several."""
    each = max(LOOKED_AT // len(walks), TRACES)
    parts = [
        walk.order_by("-started_at").annotate(part=Value(number)).values_list("trace_id", "started_at", "part")[:each]
        for number, walk in enumerate(walks)
    ]
    steps = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    sql, parameters = steps.query.sql_with_params()
    return _told(NEWEST.format(steps=sql), [*parameters, each, TRACES])


def _logged(wanted: Wanted) -> Candidates:
    if wanted.component or wanted.caller or wanted.name:
        return Candidates([], frozenset())  # a line of the log is no step
    lines = LogLine.objects.filter(at__gte=wanted.time.start, at__lt=wanted.time.end)
    # Looked through, and not found by an index: so many lines are read, whether or not the text is in them.
    newest = lines.order_by("-at").values("trace_id", "at", "event")[:LOOKED_AT]
    sql, parameters = newest.query.sql_with_params()
    return _told(LINES.format(lines=sql), [*parameters, f"%{_literally(wanted.text)}%", LOOKED_AT, TRACES])


def _told(sql: str, parameters: Sequence[Any]) -> Candidates:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        told = cursor.fetchall()
    found = [(trace_id, moment) for trace_id, moment, _ in told if trace_id]
    stops = [*(stopped for _, _, stopped in told[:1] if stopped), *([found[-1][1]] if len(found) == TRACES else [])]
    return Candidates([trace_id for trace_id, _ in found], _days(found), max(stops, default=None))


def _days(found: Sequence[tuple[str, datetime]]) -> frozenset[date]:
    """A line can be of the day after its step began."""
    days = {moment.astimezone(UTC).date() for _, moment in found}
    return frozenset(days | {day - timedelta(days=1) for day in days})


def _joined(one: Candidates, other: Candidates) -> Candidates:
    since = max((found.since for found in (one, other) if found.since), default=None)
    return Candidates(list(dict.fromkeys([*one.trace_ids, *other.trace_ids])), one.days | other.days, since)


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

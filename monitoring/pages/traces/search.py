"""The traces that a search is about, page by page: the newest first, or the slowest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from monitoring.models import Trace
from monitoring.pages.traces.candidates import candidates
from monitoring.pages.traces.found_by import found_by
from monitoring.pages.traces.wanted import SLOWEST, After, Wanted, followed
from monitoring.pages.traces.whole import Whole, wholes

A_PAGE = 25
SHORTEST_PREFIX = 4


class Found(NamedTuple):
    """`after`: where the next page begins, '' if there is none. `since`: older ones may be missing."""

    traces: list[Whole]
    after: str = ""
    since: datetime | None = None
    known: tuple[str, ...] = ()  # what the id that was typed is one of
    note: str = ""  # what of it was not looked for


def find(wanted: Wanted, user: Any) -> Found:
    """A handful of queries by indexes, however many traces are kept."""
    meant, known = _meant(wanted, user)
    rows, since, note = Trace.objects.filter(meant), None, ""
    if wanted.by_steps:  # the time is that of the steps: what began before it may have failed in it
        told = candidates(wanted)
        rows, since, note = rows.filter(day__in=told.days, trace_id__in=told.trace_ids), told.since, told.note
    else:
        rows = rows.filter(_in_time(wanted))
    taken = list(_behind(_measured(rows, wanted), wanted)[: A_PAGE + 1])
    merged = wholes(row.trace_id for row in taken[:A_PAGE])
    shown = list(dict.fromkeys(row.trace_id for row in taken[:A_PAGE]))
    last = taken[A_PAGE - 1] if len(taken) > A_PAGE else None
    after = followed(last.started_at, last.trace_id, last.seconds) if last else ""
    return Found([merged[trace_id] for trace_id in shown], after, since, known, note)


def _meant(wanted: Wanted, user: Any) -> tuple[Q, tuple[str, ...]]:
    """Whose traces; and what the id is one of."""
    meant, known = Q(), tuple[str, ...]()
    if wanted.id:
        found = found_by(user, wanted.id)
        known = tuple(one.what for one in found)
        by_id = _by_id(wanted.id)
        for one in found:
            by_id |= Q(trace_id__in=one.trace_ids) | Q(job_id__in=one.job_ids)
        meant &= by_id
    if wanted.job:
        meant &= _of_job(wanted.job, user)
    if wanted.user:
        meant &= Q(user_id__in=_people(wanted.user))
    return meant, known


def _by_id(text: str) -> Q:
    """A whole id or its begin, as a range of the index; nothing for text that is no such thing."""
    digits = text.lower()
    if not SHORTEST_PREFIX <= len(digits) <= 32 or digits.strip("0123456789abcdef"):
        return Q(trace_id__in=[])
    return Q(trace_id__gte=digits.ljust(32, "0"), trace_id__lte=digits.ljust(32, "f"))


def _of_job(text: str, user: Any) -> Q:
    """By its number, or by what the app that has jobs calls it."""
    meant = Q(job_id=int(text)) if text.isdecimal() and len(text) < 19 else Q(job_id__in=[])
    for one in found_by(user, text, only="job"):
        meant |= Q(trace_id__in=one.trace_ids) | Q(job_id__in=one.job_ids)
    return meant


def _people(text: str) -> list[int]:
    """By the name they sign in with; by number, for those who are gone."""
    named = list(get_user_model()._default_manager.filter(username=text).values_list("pk", flat=True))
    return named or ([int(text)] if text.isdecimal() and len(text) < 10 else [])


def _in_time(wanted: Wanted) -> Q:
    """The days besides the moments: partitions of other days are not looked at."""
    start, end = wanted.time.start, wanted.time.end
    days = Q(day__gte=start.astimezone(UTC).date(), day__lte=(end + timedelta(seconds=1)).astimezone(UTC).date())
    return days & Q(started_at__gte=start, started_at__lt=end)


def _measured(rows: QuerySet[Trace], wanted: Wanted) -> QuerySet[Trace]:
    if wanted.errors:
        rows = rows.filter(errors__gt=0)
    if wanted.least is not None:
        rows = rows.filter(seconds__gte=wanted.least / 1000)
    if wanted.most is not None:
        rows = rows.filter(seconds__lte=wanted.most / 1000)
    return rows


def _behind(rows: QuerySet[Trace], wanted: Wanted) -> QuerySet[Trace]:
    if wanted.order == SLOWEST:
        return _behind_slow(rows.order_by("-seconds", "-started_at", "-trace_id"), wanted.after)
    rows = rows.order_by("-started_at", "-trace_id")
    if after := wanted.after:
        same = Q(started_at=after.started_at, trace_id__lt=after.trace_id)
        rows = rows.filter(Q(started_at__lt=after.started_at) | same, started_at__lte=after.started_at)
    return rows


def _behind_slow(rows: QuerySet[Trace], after: After | None) -> QuerySet[Trace]:
    if after is None:
        return rows
    same = Q(started_at__lt=after.started_at) | Q(started_at=after.started_at, trace_id__lt=after.trace_id)
    return rows.filter(Q(seconds__lt=after.seconds) | Q(seconds=after.seconds) & same, seconds__lte=after.seconds)

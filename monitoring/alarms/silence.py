"""Mutes and maintenance windows: why nobody is told of a rule just now. Its state is evaluated all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.models import AlarmRule, MaintenanceWindow, Mute
from monitoring.models.silence import Repeats

STEPS = {Repeats.DAILY: 1, Repeats.WEEKLY: 7}


class Silences(NamedTuple):
    """All that are active at a moment."""

    mutes: list[Mute]
    windows: list[MaintenanceWindow]

    def why(self, rule_id: int) -> str:
        """In a sentence; '' where people are told."""
        for mute in self.mutes:
            if mute.rule_id in (None, rule_id):
                what = "All alarms are muted" if mute.rule_id is None else "Muted"
                return f"{what} until {_moment(mute.until)}: {mute.reason}"[:300]
        for window in self.windows:
            only = {rule.pk for rule in window.rules.all()}
            if not only or rule_id in only:
                return f"Maintenance: {window.name}"[:300]
        return ""


def active(now: datetime) -> Silences:
    """Three queries at most."""
    mutes = Mute.objects.filter(begins_at__lte=now, until__gt=now, ended_at=None).order_by("rule_id", "-until")
    windows = (
        MaintenanceWindow.objects.filter(enabled=True, begins_at__lte=now)
        .filter(~Q(repeats=Repeats.NEVER) | Q(ends_at__gt=now))
        .prefetch_related(Prefetch("rules", AlarmRule.objects.only("pk")))
    )
    return Silences(list(mutes), [window for window in windows if is_open(window, now)])


def is_open(window: MaintenanceWindow, now: datetime) -> bool:
    return any(begin <= now < end for begin, end in occurrences(window, now - (window.ends_at - window.begins_at), now))


def occurrences(window: MaintenanceWindow, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Those that begin in [start, end], at the window's own time of day, whatever summer time does to the clock."""
    first, lasts = timezone.localtime(window.begins_at), window.ends_at - window.begins_at
    step = STEPS.get(Repeats(window.repeats))
    if step is None:
        return [(first, first + lasts)] if start <= first <= end else []
    found = []
    skipped = max(0, (timezone.localtime(start).date() - first.date()).days // step)
    naive = first.replace(tzinfo=None) + timedelta(days=skipped * step)
    while (begin := timezone.make_aware(naive)) <= end:
        in_time = window.repeats_until is None or naive.date() <= window.repeats_until
        if begin >= start and in_time:
            found.append((begin, begin + lasts))
        naive += timedelta(days=step)
    return found


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M, H:i")

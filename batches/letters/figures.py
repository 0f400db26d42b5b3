"""A group's figures as they are at this moment: its own columns and the tallies not yet rolled up, in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DecimalField, F, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Greatest, TruncHour
from django.utils import timezone

from batches.models import LetterGroup, LetterHour, LetterTally

HOURS = 24
# Names for orders. Impact is what waits for a person: the money, then the people, then the number.
SORTS = {
    "impact": ("-amount_now", "-users_now", "-open_now", "pk"),
    "count": ("-open_now", "pk"),
    "amount": ("-amount_now", "pk"),
    "users": ("-users_now", "pk"),
    "jobs": ("-jobs_now", "pk"),
    "last": ("-seen_now", "pk"),
    "first": ("first_seen", "pk"),
}
_NEW_JOBS = """(SELECT count(DISTINCT t.job_id) FROM batches_lettertally t
    WHERE t.group_id = batches_lettergroup.fingerprint AND t.letters > 0 AND t.job_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM batches_lettertouch WHERE group_id = t.group_id AND who = 'job' AND name = t.job_id::text))"""
_NEW_USERS = """(SELECT count(DISTINCT u.name) FROM batches_lettertally t CROSS JOIN unnest(t.users) AS u (name)
    WHERE t.group_id = batches_lettergroup.fingerprint AND t.letters > 0 AND NOT EXISTS (
        SELECT FROM batches_lettertouch WHERE group_id = t.group_id AND who = 'user' AND name = u.name))"""


def with_figures(groups: QuerySet[LetterGroup]) -> QuerySet[Any]:
    """Annotated with letters_now, open_now, amount_now, jobs_now, users_now and seen_now, all to be sorted by.

    `amount_now` and `open_now` are of its open letters, the others of all it ever had.
    """
    return groups.annotate(
        letters_now=F("letters") + _tallied("letters"),
        open_now=F("open") + _tallied("open"),
        amount_now=F("amount") + _tallied("amount", DecimalField(max_digits=20, decimal_places=2)),
        jobs_now=F("jobs") + RawSQL(_NEW_JOBS, (), IntegerField()),  # noqa: S611 - no part of it comes from outside
        users_now=F("users") + RawSQL(_NEW_USERS, (), IntegerField()),  # noqa: S611
        seen_now=Greatest("last_seen", Subquery(_tallies(letters__gt=0).annotate(n=Max("at")).values("n"))),
    )


def with_letters(groups: QuerySet[LetterGroup]) -> QuerySet[Any]:
    """As `with_figures`, without the groups that were made ready for letters whose chunk has not committed."""
    return with_figures(groups).filter(letters_now__gt=0)


def trend(fingerprints: list[str]) -> dict[str, list[int]]:
    """New letters of each of the last 24 hours, the present one last. Two queries for any number of groups."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=HOURS - 1)
    hours = {fingerprint: [0] * HOURS for fingerprint in fingerprints}
    rolled = LetterHour.objects.filter(group__in=fingerprints, hour__gte=first).values_list("group", "hour", "letters")
    new = LetterTally.objects.filter(group__in=fingerprints, at__gte=first, letters__gt=0).order_by()
    coming = new.annotate(hour=TruncHour("at")).values_list("group", "hour").annotate(n=Sum("letters"))
    for fingerprint, hour, letters in [*rolled, *coming]:
        hours[fingerprint][_place(hour, first)] += letters
    return hours


def _place(hour: datetime, first: datetime) -> int:
    return min(int((hour - first).total_seconds() // 3600), HOURS - 1)


def _tallied(column: str, kind: Any = None) -> Coalesce:
    sums = _tallies().annotate(n=Sum(column)).values("n")
    return Coalesce(Subquery(sums), 0, output_field=kind or IntegerField())


def _tallies(**which: Any) -> QuerySet[Any]:
    return LetterTally.objects.filter(group=OuterRef("pk"), **which).order_by().values("group")

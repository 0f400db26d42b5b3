"""A span of time in a list's address, to the minute where a chart's step leads: days have a filter of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from pages.filters import TextFilter

EXAMPLE = "2026-02-03T01:00Z..2026-02-03T01:05Z"


def written(start: datetime, end: datetime) -> str:
    return "..".join(f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}" for moment in (start, end))


def moments(text: str) -> tuple[datetime, datetime] | None:
    """[first, last) of what is `written`; None where it is not."""
    first, _, last = text.partition("..")
    try:
        found = datetime.fromisoformat(first.strip()), datetime.fromisoformat(last.strip())
    except ValueError:
        return None
    return found if all(moment.tzinfo for moment in found) else None


class MomentsFilter(TextFilter):
    """Subclasses name the `column`."""

    title, parameter_name, hint, column = "moments", "moments", EXAMPLE, "at"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if (found := moments(value)) is None:
            return queryset.none()
        return self.within(queryset, *found)

    def within(self, queryset: QuerySet[Any], first: datetime, last: datetime) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.column}__gte": first, f"{self.column}__lt": last})

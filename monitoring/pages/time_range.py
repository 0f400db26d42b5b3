"""The span of time that a page shows, chosen in its address: `?range=6h`. Every link of the page keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.metrics.spans import DAY, HOUR, MINUTE, day_of, hour_of, next_day

DEFAULT = "1h"


class Span(NamedTuple):
    label: str
    step: timedelta
    steps: int  # 180 at most: more than that no chart can show, and no table is read


SPANS = {
    "15m": Span("15 min", MINUTE, 15),
    "1h": Span("1 h", MINUTE, 60),
    "6h": Span("6 h", 5 * MINUTE, 72),
    "24h": Span("24 h", HOUR, 24),
    "7d": Span("7 d", 2 * HOUR, 84),
    "30d": Span("30 d", DAY, 30),
}


class Choice(NamedTuple):
    key: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class TimeRange:
    """Steps [starts[i], starts[i + 1]), the last one up to `end`. It is not over yet: `now` is within it."""

    key: str
    now: datetime
    starts: list[datetime]
    end: datetime
    step: timedelta

    @property
    def start(self) -> datetime:
        return self.starts[0]

    @property
    def label(self) -> str:
        return SPANS[self.key].label

    @property
    def seconds(self) -> float:
        """Of it that have passed."""
        return (self.now - self.start).total_seconds()

    def seconds_of(self, at: datetime) -> float:
        """Of the step that begins there, those that have passed."""
        return max((min(self.end_of(at), self.now) - at).total_seconds(), 1.0)

    def end_of(self, at: datetime) -> datetime:
        return next_day(at) if self.step == DAY else at + self.step

    def choices(self) -> list[Choice]:
        return [Choice(key, span.label, key == self.key) for key, span in SPANS.items()]

    @cached_property
    def short_labels(self) -> list[str]:
        """Beneath a chart, in the business's time."""
        return self._written({"7d": "j M, H:i", "30d": "j M"}.get(self.key, "H:i"))

    @cached_property
    def long_labels(self) -> list[str]:
        return self._written("j M Y" if self.step == DAY else "j M, H:i")

    def _written(self, form: str) -> list[str]:
        """Where clocks go back, an hour is there twice: it says which."""
        moments = [timezone.localtime(at) for at in self.starts]
        labels = [date_format(at, form) for at in moments]
        twice = {label for label, times in Counter(labels).items() if times > 1}
        return [f"{label} {at:%Z}" if label in twice else label for label, at in zip(labels, moments, strict=True)]


def of_request(request: HttpRequest, default: str = DEFAULT) -> TimeRange:
    asked = request.GET.get("range", "")
    return of_key(asked if asked in SPANS else default)


def of_key(key: str, now: datetime | None = None) -> TimeRange:
    """The last so many steps, the present one among them."""
    now = now or timezone.now()
    step, number = SPANS[key].step, SPANS[key].steps
    starts = list(_back(now, step, number))[::-1]
    end = next_day(starts[-1]) if step == DAY else starts[-1] + step
    return TimeRange(key, now, starts, end, step)


def _back(now: datetime, step: timedelta, number: int) -> Iterator[datetime]:
    if step == DAY:
        midnight = day_of(now)
        for _ in range(number):
            yield midnight
            midnight = day_of(midnight - 12 * HOUR)  # yesterday, however long it was
        return
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    hour = hour_of(now)
    last = hour - hour.hour * HOUR % step if step >= HOUR else minute - minute.minute * MINUTE % step
    for back in range(number):
        yield last - back * step

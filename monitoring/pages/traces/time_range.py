"""Which time a page is asked about: `from` and `to` (ISO, to the minute), or one of the ready ranges up to now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from monitoring.partitions import oldest_kept

READY = {
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(hours=24)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "all": ("All that is kept", None),
}
MINUTE = timedelta(minutes=1)


class TimeRange(NamedTuple):
    """[start, end). `ready` is one of READY, or '' where the ends were given."""

    start: datetime
    end: datetime
    ready: str = ""

    @property
    def label(self) -> str:
        return READY[self.ready][0] if self.ready else ""

    @property
    def asked(self) -> dict[str, str]:
        """For an address that asks for the same. Both ends, so that it means the same tomorrow."""
        return {"from": iso_minute(self.start), "to": iso_minute(self.end)}


def asked_range(asked: Mapping[str, str], default: str, faults: list[str]) -> TimeRange:
    """What cannot be read is left out, and said in `faults`."""
    now = timezone.now().replace(second=0, microsecond=0) + MINUTE
    oldest = oldest_kept("monitoring_trace", now)
    start, end = (_moment(asked.get(name, ""), name, faults) for name in ("from", "to"))
    if start or end:
        end = min(end or now, now + MINUTE)
        start = max(start or oldest, oldest)
        if start < end:
            return TimeRange(start, end)
        faults.append("The time ends before it begins, or is older than what is kept: the ready range is shown.")
    ready = asked.get("range", "") if asked.get("range") in READY else default
    length = READY[ready][1]
    return TimeRange(max(now - length, oldest) if length else oldest, now, ready)


def iso_minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _moment(text: str, name: str, faults: list[str]) -> datetime | None:
    """Without a zone it is in the business's, which is the one that pages show."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))  # a + that an address lost
    except ValueError:
        faults.append(f"“{text[:40]}” is no time for “{name}”: write it like 2026-11-21T09:30.")
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

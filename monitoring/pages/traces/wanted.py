"""What a search asks for, read from an address. What cannot be read is left out and said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from monitoring.models import Span
from monitoring.pages.traces.time_range import TimeRange, asked_range

NEWEST, SLOWEST = "newest", "slowest"
ORDERS = {NEWEST: "Newest", SLOWEST: "Slowest"}
LONGEST = 200


@dataclass(frozen=True)
class After:
    """Behind which trace a page begins."""

    started_at: datetime
    trace_id: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Wanted:
    """`id` is a trace, the begin of one, or anything that `found_by` knows. Durations are in milliseconds."""

    time: TimeRange
    id: str = ""
    job: str = ""
    user: str = ""
    component: str = ""
    caller: str = ""
    name: str = ""
    text: str = ""
    errors: bool = False
    least: float | None = None
    most: float | None = None
    order: str = NEWEST
    after: After | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def by_steps(self) -> bool:
        """Whether traces are told by what their steps are, and not by what is kept of the trace as a whole."""
        return bool(self.component or self.caller or self.name or self.text)

    @property
    def filtered(self) -> bool:
        return bool(self.parameters) or not self.time.ready

    @property
    def parameters(self) -> dict[str, str]:
        """Without the time, the order and the page."""
        said = {
            "id": self.id, "job": self.job, "user": self.user, "component": self.component, "caller": self.caller,
            "name": self.name, "q": self.text, "errors": "1" if self.errors else "", "min": _written(self.least),
            "max": _written(self.most),
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    def address(self, **more: str) -> str:
        time = {"range": self.time.ready} if self.time.ready else self.time.asked
        order = {"order": self.order} if self.order != NEWEST else {}
        return "?" + urlencode(
            {name: value for name, value in (self.parameters | time | order | more).items() if value}
        )


def wanted(asked: Mapping[str, str]) -> Wanted:
    faults: list[str] = []
    text = {name: asked.get(name, "").strip()[:LONGEST] for name in ("id", "job", "user", "name", "q")}
    default = "all" if text["id"] or text["job"] else "24h"
    return Wanted(
        asked_range(asked, default, faults),
        text["id"], text["job"], text["user"],
        _component(asked, "component", faults), _component(asked, "caller", faults),
        text["name"], text["q"],
        errors=asked.get("errors", "") not in ("", "0"),
        least=_milliseconds(asked, "min", faults),
        most=_milliseconds(asked, "max", faults),
        order=asked.get("order", "") if asked.get("order") in ORDERS else NEWEST,
        after=_after(asked),
        faults=faults,
    )  # fmt: skip


def _component(asked: Mapping[str, str], name: str, faults: list[str]) -> str:
    value = asked.get(name, "").strip()
    if value and value not in Span.Component.values:
        faults.append(f"“{value[:40]}” is no component: choose one of the list.")
        return ""
    return value


def _milliseconds(asked: Mapping[str, str], name: str, faults: list[str]) -> float | None:
    value = asked.get(name, "").strip()
    try:
        found = float(value) if value else None
    except ValueError:
        found = -1.0
    if found is not None and not 0 <= found < 1e12:
        faults.append(f"“{value[:40]}” is no duration: write milliseconds, like 250.")
        return None
    return found


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _after(asked: Mapping[str, str]) -> After | None:
    """As `followed` writes it; whatever else was typed is the first page."""
    try:
        moment, trace_id, seconds = asked.get("after", "").split("~")
        bytes.fromhex(trace_id)
        return After(datetime.fromisoformat(moment), trace_id, float(seconds)) if len(trace_id) == 32 else None
    except ValueError:
        return None


def followed(started_at: datetime, trace_id: str, seconds: float) -> str:
    return f"{started_at.isoformat()}~{trace_id}~{seconds!r}"

"""What a dry run has shown, as a table: the answer before and after, and the row it would become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batches.letters.dry_run import DryRun, Shown

MOST_SHOWN = 25
LABELS = {
    "inserted": ("good", "New row"),
    "updated": ("busy", "Row changed"),
    "unchanged": ("calm", "Row already there"),
    "superseded": ("calm", "A later line holds"),
    "failed_again": ("bad", "Fails again"),
    "conflict": ("odd", "Differs from a row decided about"),
    "unreadable": ("bad", "Cannot be read"),
    "not_shown": ("calm", "Not shown"),
}
# What one looks for first in a new row.
FIRST = ("date", "amount", "type", "merchant", "sku", "name", "category", "price", "location", "quantity")


@dataclass(frozen=True)
class Change:
    name: str
    was: str
    now: str


@dataclass(frozen=True)
class Try:
    shown: Shown
    answer: list[Change]
    row: list[Change]

    @property
    def brief(self) -> str:
        """A new row in one line: what one looks for first."""
        values = {change.name: change.now for change in self.row}
        return (
            " · ".join(values[name] for name in FIRST if values.get(name)) if self.shown.outcome == "inserted" else ""
        )

    @property
    def tone(self) -> str:
        return LABELS[self.shown.outcome][0]

    @property
    def label(self) -> str:
        return LABELS[self.shown.outcome][1]


@dataclass(frozen=True)
class Outcome:
    tone: str
    label: str
    count: int


def tries_of(run: DryRun) -> dict[str, Any]:
    """For the template `dry_run.html`. Those that need a look come first."""
    ordered = sorted(run.shown, key=lambda each: (list(LABELS).index(each.outcome) < 4, each.letter))
    bad = sum(each.outcome in ("failed_again", "conflict", "unreadable") for each in run.shown)
    # A dozen failures tell the story, and leave room for those that go well.
    half = [*ordered[:bad][: MOST_SHOWN // 2], *ordered[bad:]][:MOST_SHOWN]
    return {
        "run": run,
        "tries": [_try(each) for each in half],
        "outcomes": [Outcome(*LABELS[name], run.outcomes[name]) for name in LABELS if name in run.outcomes],
        "bad": bad,
        "same_reason": sum(each.same_reason for each in run.shown),
    }


def _try(shown: Shown) -> Try:
    return Try(shown, _answer_changes(shown), _row_changes(shown.changes))


def _answer_changes(shown: Shown) -> list[Change]:
    was, now = _object(shown.answer_before), _object(shown.answer_after)
    if was is None or now is None:
        return [] if shown.answer_before == shown.answer_after else [Change("answer", shown.answer_before[:300],
                                                                            shown.answer_after[:300])]  # fmt: skip
    names = [*was, *(name for name in now if name not in was)]
    return [
        Change(name, _text(was.get(name)), _text(now.get(name))) for name in names if was.get(name) != now.get(name)
    ]


def _row_changes(changes: Mapping[str, tuple[Any, Any]]) -> list[Change]:
    names = [*(name for name in FIRST if name in changes), *(name for name in changes if name not in FIRST)]
    return [Change(name, _text(changes[name][0]), _text(changes[name][1])) for name in names]


def _object(text: str) -> dict[str, Any] | None:
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _text(value: object) -> str:
    return "" if value is None else str(value)

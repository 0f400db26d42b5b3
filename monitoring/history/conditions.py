"""When a trigger is to fire: SQL that the database asks before it calls anything, so machines' work costs nothing.

A machine's work is told by the connection: Nightshelf's own are called `nightshelf …` (settings), and have a context
while they act for a person (`monitoring.history.context`).
"""

from __future__ import annotations

import pgtrigger
from django.db.models import Model

_OUTSIDE = "current_setting('application_name') NOT LIKE 'nightshelf%'"
_IN_CONTEXT = "coalesce(current_setting('pghistory.context_metadata', true), '') <> ''"

OUTSIDE = pgtrigger.Condition(_OUTSIDE)
BY_SOMEBODY = pgtrigger.Condition(f"({_IN_CONTEXT} OR {_OUTSIDE})")


class All(pgtrigger.Condition):
    """Each of them holds."""

    word = "AND"

    def __init__(self, *conditions: pgtrigger.Condition) -> None:
        self.conditions = conditions

    def resolve(self, model: type[Model]) -> str:
        return "(" + f" {self.word} ".join(f"({one.resolve(model)})" for one in self.conditions) + ")"  # type: ignore[no-untyped-call]


class Any(All):
    """One of them holds."""

    word = "OR"

"""What somebody asked of a stocktake and cannot have."""

from __future__ import annotations

from inventory.models import StocktakeLine


class Refused(Exception):
    """In a sentence: what was wrong, and what to do instead. Nothing was changed."""


class Conflict(Refused):
    """Somebody else, or a movement, got there first. `line` is how it stands now: look at it and say again."""

    def __init__(self, sentence: str, line: StocktakeLine) -> None:
        super().__init__(sentence)
        self.line = line

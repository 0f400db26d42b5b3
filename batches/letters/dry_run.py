"""What a redrive would do, shown from a transaction that is always rolled back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from batches.letters.choose import Choice
from batches.models import PatchRule

SAMPLE = 200


@dataclass(frozen=True)
class Shown:
    """One letter, and what would become of it.

    `outcome`: inserted, updated, unchanged, superseded; conflict or failed_again (then `message` says why, and
    `same_reason` whether it is the reason it has now); skipped (then `message` says why it cannot be shown).
    `changes`: column → (before, after), before None for a new row. `answer_before` and `answer_after` are the model's
    text and what a rule makes of it; equal without a rule.
    """

    letter: int
    outcome: str
    message: str = ""
    same_reason: bool = False
    record_id: str = ""
    transaction_id: str = ""
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    answer_before: str = ""
    answer_after: str = ""


@dataclass(frozen=True)
class DryRun:
    """`taken` is the whole set, `shown` a sample spread over it: all of it only if `whole`."""

    taken: int
    shown: list[Shown]

    @property
    def whole(self) -> bool:
        return len(self.shown) == self.taken

    @property
    def outcomes(self) -> dict[str, int]:
        """How many of the shown letters come to what."""
        counts: dict[str, int] = {}
        for each in self.shown:
            counts[each.outcome] = counts.get(each.outcome, 0) + 1
        return counts


def dry_run(
    choice: Choice,
    *,
    by: User | AnonymousUser | None,
    rule: PatchRule | None = None,
    operations: object = None,
    most: int = SAMPLE,
) -> DryRun:
    """Try up to `most` of the letters that would be taken, and roll everything back.

    `operations` (see `batches.letters.patch`) are tried without being kept, in the place of `rule`. PermissionDenied;
    BadRule; Refused when the database's locks cannot be had within seconds, so that nobody waits for a dry run.
    StorageAway when the lines cannot be read now.
    """
    raise NotImplementedError

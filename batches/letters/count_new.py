"""New letters are told to their groups: tallies, in the transaction that writes the letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from batches.models import LetterTally


class New(NamedTuple):
    """What a group has to know of a new letter. `group` is its fingerprint, `user_id` '' when nobody knows."""

    group: str
    user_id: str
    amount: Decimal | str | None


@dataclass
class _Sum:
    letters: int = 0
    amount: Decimal = Decimal(0)
    users: set[str] = field(default_factory=set)


def count_new(letters: Iterable[New], job_pk: int | None) -> None:
    """One tally for each group: added rows, so that no chunk waits for another's."""
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for letter in letters:
        group = sums[letter.group]
        group.letters += 1
        if letter.amount is not None:
            group.amount += Decimal(letter.amount)
        if letter.user_id:
            group.users.add(letter.user_id)
    LetterTally.objects.bulk_create(
        LetterTally(
            group_id=fingerprint,
            letters=found.letters,
            open=found.letters,
            amount=found.amount,
            job_id=job_pk,
            users=sorted(found.users),
        )
        for fingerprint, found in sums.items()
    )

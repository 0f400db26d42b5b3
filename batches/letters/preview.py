"""What a redrive of these letters would take, before anybody confirms it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from batches.letters.filters import LetterFilter
from batches.letters.takeable import newest_letter, takeable
from batches.models import PatchRule, RedriveItem
from batches.states import ItemStatus, LetterStatus


@dataclass(frozen=True)
class Preview:
    """matched = taken + closed + in_hand. `kinds`: letters that would be taken, by kind.

    `up_to` is the newest letter there was: given to `start_redrive`, what comes until it is confirmed is left out.
    """

    up_to: int
    matched: int
    taken: int
    closed: int
    in_hand: int
    kinds: dict[str, int]


def waiting() -> QuerySet[RedriveItem]:
    """The item of a redrive that has the outer query's letter in hand."""
    return RedriveItem.objects.filter(letter=OuterRef("pk"), status=ItemStatus.WAITING)


def preview(which: LetterFilter, *, rule: PatchRule | None = None) -> Preview:
    """Count what would be taken now. BadFilter."""
    up_to = newest_letter()
    letters = takeable(which, rule, up_to).annotate(waits=Exists(waiting())).order_by()
    is_open = Q(status=LetterStatus.OPEN)
    counts = letters.aggregate(
        matched=Count("pk"),
        closed=Count("pk", filter=~is_open),
        in_hand=Count("pk", filter=is_open & Q(waits=True)),
    )
    taken = letters.filter(is_open, waits=False)
    kinds = dict(taken.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    return Preview(up_to, taken=sum(kinds.values()), kinds=kinds, **counts)

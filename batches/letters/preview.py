"""What a redrive of these letters would take, before anybody confirms it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q

from batches.letters.choose import Choice, chosen, newest_letter
from batches.models import RedriveItem
from batches.states import ItemStatus, LetterStatus


@dataclass(frozen=True)
class Preview:
    """`choice` is to be confirmed as it is: it holds the newest letter that was counted here.

    matched = taken + closed + in_hand. `kinds`: letters that would be taken, by kind.
    """

    choice: Choice
    matched: int
    taken: int
    closed: int
    in_hand: int
    kinds: dict[str, int]


def preview(choice: Choice) -> Preview:
    """Count what would be taken now. Refused as `chosen`."""
    choice = replace(choice, up_to=newest_letter() if choice.up_to is None else choice.up_to)
    waiting = RedriveItem.objects.filter(letter=OuterRef("pk"), status=ItemStatus.WAITING)
    letters = chosen(choice).annotate(waits=Exists(waiting)).order_by()
    is_open = Q(status=LetterStatus.OPEN)
    counts = letters.aggregate(
        matched=Count("pk"),
        closed=Count("pk", filter=~is_open),
        in_hand=Count("pk", filter=is_open & Q(waits=True)),
    )
    taken = letters.filter(is_open, waits=False)
    kinds = dict(taken.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    return Preview(choice, taken=sum(kinds.values()), kinds=kinds, **counts)

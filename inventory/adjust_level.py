"""One level is put right by a person who was shown what it was: set to a figure, or changed by one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction

from inventory.ledger.adjust import adjust
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Posted
from inventory.ledger.refused import KeyReused
from inventory.ledger.retrying import retrying
from inventory.ledger.statements import ADD_LEVEL
from inventory.models import StockLevel, StockMovement, StockPosting


class Meanwhile(Exception):
    """The level is not what the person was shown: nothing was changed. `on_hand` is what it is, `movements` why."""

    def __init__(self, on_hand: int, movements: list[StockMovement]) -> None:
        super().__init__(f"There are {on_hand:,} on hand by now.")
        self.on_hand, self.movements = on_hand, movements


@dataclass(frozen=True)
class Wanted:
    """`set_to` a figure, or `change` by one; `seen` and `newest` are what was on hand when it was decided."""

    product_id: int
    location_id: int
    seen: int
    newest: int
    set_to: int | None = None
    change: int = 0

    @property
    def after(self) -> int:
        return self.seen + self.change if self.set_to is None else self.set_to

    @property
    def by(self) -> int:
        return self.after - self.seen


def adjust_level(
    wanted: Wanted, *, key: str, reason: str, reference: str = "", actor: User | AnonymousUser | None
) -> Posted:
    """Meanwhile when another was quicker, KeyReused for another adjustment under the key; otherwise as `adjust`."""
    permitted(actor, "adjust_stock", action="adjust", reason=reason)
    return retrying(lambda own: _adjusted(wanted, key, reason, reference, actor))


def _adjusted(wanted: Wanted, key: str, reason: str, reference: str, actor: User | AnonymousUser | None) -> Posted:
    with transaction.atomic():
        level = _held(wanted)
        # Before the figures are compared: sent a second time, the level is what the first has made of it.
        if known := StockPosting.objects.filter(key=key).first():
            return _again(known, wanted, reason)
        if level.on_hand != wanted.seen:
            raise Meanwhile(level.on_hand, _since(wanted))
        item = Item(wanted.product_id, wanted.location_id, wanted.after - level.on_hand)
        return adjust([item], key=key, actor=actor, reason=reason, reference=reference)


def _again(known: StockPosting, wanted: Wanted, reason: str) -> Posted:
    same = known.movements.filter(product=wanted.product_id, location=wanted.location_id, quantity=wanted.by)
    if known.reason == reason.strip() and same.exists():
        return Posted(known, repeated=True)
    raise KeyReused(f"This form was posted before, as posting {known.pk}, and then changed.")


def _held(wanted: Wanted) -> StockLevel:
    """The level, locked: made where there was none, and gone again with the transaction if nothing is posted."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_LEVEL, [wanted.product_id, wanted.location_id])
    return StockLevel.objects.select_for_update().get(product=wanted.product_id, location=wanted.location_id)


def _since(wanted: Wanted) -> list[StockMovement]:
    moved = StockMovement.objects.filter(
        product=wanted.product_id, location=wanted.location_id, pk__gt=wanted.newest
    ).exclude(quantity=0)
    return list(moved.select_related("posting__actor").order_by("-pk")[:5])

"""The verbs of stock: what each writes, once, and all of it or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from inventory.ledger.adjust import adjust
from inventory.ledger.count import count
from inventory.ledger.post import (
    AlreadyReversed,
    Item,
    KeyReused,
    Line,
    NothingToPost,
    Shortage,
    post,
)
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.refused import StockRefused
from inventory.ledger.release import release
from inventory.ledger.reserve import reserve
from inventory.ledger.reverse import reverse
from inventory.ledger.ship import ship
from inventory.ledger.transfer import transfer
from inventory.models import PostingKind, StockLevel, StockMovement, StockPosting
from monitoring.context import carrying
from tests.integration.pages import person
from tests.stock import a_key, a_location, a_product, assert_reconciled, history, item, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


def test_goods_come_in_and_say_who_why_and_when() -> None:
    product, location, by = a_product(), a_location(), person("receive_stock")
    with carrying(trace_id="a" * 32, request_id="req-1"):
        posted = receive_goods(
            [Item(product.pk, location.pk, 12, "a box")], key="delivery-1", actor=by, reference="DN 7", reason="weekly"
        )

    kept = StockPosting.objects.get()
    moved = StockMovement.objects.get()
    assert posted == (kept, False)
    assert (kept.kind, kept.actor, kept.reason, kept.reference) == ("receipt", by, "weekly", "DN 7")
    assert (kept.trace_id, kept.request_id, kept.at) == ("a" * 32, "req-1", posted.posting.at)
    assert (moved.posting, moved.kind, moved.note, moved.at) == (kept, "receipt", "a box", kept.at)
    assert stands(StockLevel.objects.get()) == (12, 0)
    assert_reconciled()


def test_a_life_of_a_level() -> None:
    level, by = stocked(10), person("adjust_stock", "ship_stock", "count_stock")
    adjust([item(level, -1)], key=a_key(), actor=by, reason="broken")
    reserve([item(level, 4)], key=a_key(), actor=by, reference="order 1")
    release([item(level, 1)], key=a_key(), actor=by)
    ship([item(level, 2)], key=a_key(), actor=by)
    ship([item(level, 4)], key=a_key(), actor=by, reserved_first=True)
    count([item(level, +2)], key=a_key(), actor=by)

    assert history(level) == [
        ("receipt", 10, 0, 10, 0),
        ("adjustment", -1, 0, 9, 0),
        ("reservation", 0, 4, 9, 4),
        ("release", 0, -1, 9, 3),
        ("shipment", -2, 0, 7, 3),
        ("shipment", -4, -3, 3, 0),
        ("count", 2, 0, 5, 0),
    ]
    assert stands(level) == (5, 0)
    assert_reconciled()


def test_a_transfer_is_two_movements_of_one_posting() -> None:
    here, there = stocked(10), a_location()
    posted = transfer([item(here, 3)], to=there.pk, key=a_key(), actor=None)

    assert [(moved.location_id, moved.quantity) for moved in posted.posting.movements.order_by("line")] == [
        (here.location_id, -3),
        (there.pk, 3),
    ]
    assert stands(StockLevel.objects.get(location=there)) == (3, 0)
    assert_reconciled()


def test_what_is_reserved_is_not_sold_nor_transferred() -> None:
    level, there = stocked(5), a_location()
    reserve([item(level, 3)], key=a_key(), actor=None)

    for sell in (ship, lambda items, **more: transfer(items, to=there.pk, **more)):
        with pytest.raises(Shortage) as refused:
            sell([item(level, 3)], key=a_key(), actor=None)
        (row,) = refused.value.rows
        assert (row["sku"], row["on_hand"], row["reserved"], row["available"], row["lacks"]) == (
            level.product.sku, 5, 3, 2, 1,
        )  # fmt: skip
        assert "3 asked, 1 too many (5 on hand, 3 of them reserved)" in str(refused.value)
    assert stands(level) == (5, 3)
    assert not StockLevel.objects.filter(location=there).exists()


def test_a_shortage_in_one_line_posts_none_and_leaves_the_key_free() -> None:
    first, second = stocked(5), stocked(1)
    with pytest.raises(Shortage) as refused:
        ship([item(first, 5), item(second, 2)], key="order-1", actor=None)

    assert [row["product"] for row in refused.value.rows] == [second.product_id]
    assert (stands(first), stands(second)) == ((5, 0), (1, 0))
    assert not ship([item(first, 5), item(second, 1)], key="order-1", actor=None).repeated


@pytest.mark.parametrize("pieces", [4, 5])
def test_no_more_is_released_than_is_reserved(pieces: int) -> None:
    level = stocked(5)
    reserve([item(level, 3)], key=a_key(), actor=None)
    with pytest.raises(Shortage, match="reserved pieces asked"):
        release([item(level, pieces)], key=a_key(), actor=None)


def test_the_same_key_posts_once_whatever_the_order_of_the_lines() -> None:
    first, second = stocked(5), stocked(5)
    once = ship([item(first, 1), item(second, 2)], key="order-1", actor=None)
    again = ship([item(second, 2), item(first, 1)], key="order-1", actor=person("ship_stock"))

    assert (again.posting, again.repeated) == (once.posting, True)
    assert (stands(first), stands(second)) == ((4, 0), (3, 0))


@pytest.mark.parametrize("change", [{"pieces": 2}, {"reference": "x"}, {"reason": "x"}, {"reserved_first": True}])
def test_the_same_key_with_other_content_is_refused(change: dict[str, Any]) -> None:
    level = stocked(5)
    posted = ship([item(level, 1)], key="order-1", actor=None).posting
    pieces = change.pop("pieces", 1)

    with pytest.raises(KeyReused, match=f"for posting {posted.pk}, a shipment of"):
        ship([item(level, pieces)], key="order-1", actor=None, **change)
    assert stands(level) == (4, 0)


def test_lines_of_one_level_become_one_movement() -> None:
    level = stocked(5)
    lines = [
        Line(level.product_id, level.location_id, pieces, note=note) for pieces, note in ((-3, "a"), (9, ""), (-7, "b"))
    ]
    post(PostingKind.ADJUSTMENT, lines, key=a_key(), actor=None, reason="three corrections at once")

    assert history(level)[1:] == [("adjustment", -1, 0, 4, 0)]
    assert StockMovement.objects.latest("pk").note == "a; b"


def test_nothing_to_post() -> None:
    level = stocked(5)
    with pytest.raises(NothingToPost):
        count([item(level, 0)], key=a_key(), actor=None)
    with pytest.raises(NothingToPost, match="lies there already"):
        transfer([item(level, 1)], to=level.location_id, key=a_key(), actor=None)


def test_a_reversal_takes_a_posting_back_once() -> None:
    level, by = stocked(5), person("reverse_stock")
    reserve([item(level, 2)], key=a_key(), actor=None)
    shipped = ship([item(level, 3)], key=a_key(), actor=None, reserved_first=True, reference="order 9").posting
    taken = reverse(shipped, actor=by, reason="came back").posting

    assert stands(level) == (5, 2)
    assert (taken.reverses, taken.reference, taken.kind) == (shipped, "order 9", "reversal")
    assert reverse(shipped, actor=by, reason="came back").repeated
    for more in ({"reason": "another reason"}, {"reason": "came back", "key": "another key"}):
        with pytest.raises(AlreadyReversed, match=f"taken back already, by posting {taken.pk}"):
            reverse(shipped, actor=by, **more)
    with pytest.raises(StockRefused, match="post that one anew"):
        reverse(taken, actor=by, reason="no, not so")
    assert_reconciled()


def test_what_is_gone_cannot_be_taken_back() -> None:
    level = stocked(5)
    ship([item(level, 4)], key=a_key(), actor=None)
    receipt = StockPosting.objects.get(kind="receipt")
    with pytest.raises(Shortage):
        reverse(receipt, actor=None, reason="wrong delivery")


def test_a_posting_joins_its_callers_transaction() -> None:
    level = stocked(5)
    with transaction.atomic():
        ship([item(level, 1)], key="order-1", actor=None)
        transaction.set_rollback(True)
    assert stands(level) == (5, 0)
    with transaction.atomic():
        with pytest.raises(Shortage):
            ship([item(level, 6)], key="order-1", actor=None)
        assert not ship([item(level, 5)], key="order-1", actor=None).repeated  # the caller goes on
    assert stands(level) == (0, 0)

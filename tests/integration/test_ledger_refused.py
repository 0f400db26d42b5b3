"""What the verbs of stock refuse, and what the database does, whoever asks; and that they say why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection

from catalog.models import ProductStatus
from inventory.ledger.adjust import adjust
from inventory.ledger.count import count
from inventory.ledger.post import (
    BadLine,
    Item,
    Line,
    NotAccepted,
    post,
)
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.refused import StockRefused
from inventory.ledger.release import release
from inventory.ledger.reserve import reserve
from inventory.ledger.reverse import reverse
from inventory.ledger.ship import ship
from inventory.ledger.transfer import transfer
from inventory.models import PostingKind, StockLevel, StockPosting
from monitoring.models import AuditEntry
from pages.reason import NoReason
from tests.integration.pages import person
from tests.stock import a_key, a_location, a_product, assert_reconciled, item, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_archived_product_takes_nothing_in_and_lets_everything_out() -> None:
    level = stocked(9)
    level.product.status = ProductStatus.ARCHIVED
    level.product.save()
    there = a_location()

    for bring in (receive_goods, reserve):
        with pytest.raises(NotAccepted, match="is archived: nothing more is"):
            bring([item(level, 1)], key=a_key(), actor=None)
    ship([item(level, 2)], key=a_key(), actor=None)
    transfer([item(level, 2)], to=there.pk, key=a_key(), actor=None)
    count([item(level, -1)], key=a_key(), actor=None)
    adjust([item(level, -4)], key=a_key(), actor=None, reason="thrown away")
    assert stands(level) == (0, 0)


def test_a_closed_location_takes_nothing_in_and_lets_everything_out() -> None:
    level, open_one = stocked(5), a_location()
    level.location.is_active = False
    level.location.save()
    elsewhere = stocked(5, product=level.product)

    for bring in (receive_goods, reserve):
        with pytest.raises(NotAccepted, match="is closed"):
            bring([item(level, 1)], key=a_key(), actor=None)
    with pytest.raises(NotAccepted, match="is closed"):
        transfer([item(elsewhere, 1)], to=level.location_id, key=a_key(), actor=None)
    transfer([item(level, 3)], to=open_one.pk, key=a_key(), actor=None)
    ship([item(level, 2)], key=a_key(), actor=None)
    assert stands(level) == (0, 0)


@pytest.mark.parametrize("pieces", [0, -1, True, 1.5, "3", None, 10**10])
def test_pieces_that_are_no_whole_number_above_0_are_refused(pieces: Any) -> None:
    product, location = a_product(), a_location()
    with pytest.raises(BadLine):
        receive_goods([Item(product.pk, location.pk, pieces)], key=a_key(), actor=None)
    assert not StockPosting.objects.exists()


def test_no_level_holds_more_than_can_be_counted() -> None:
    level = stocked(10**9)
    with pytest.raises(BadLine, match="more than a level can hold"):
        receive_goods([item(level, 1)], key=a_key(), actor=None)
    assert stands(level) == (10**9, 0)


def test_unknown_products_and_locations_are_named() -> None:
    level = stocked(1)
    with pytest.raises(BadLine, match="There is no product 999"):
        receive_goods([item(level, 1), Item(999, level.location_id, 1)], key=a_key(), actor=None)
    with pytest.raises(BadLine, match="There is no location 999"):
        receive_goods([Item(level.product_id, 999, 1)], key=a_key(), actor=None)


@pytest.mark.parametrize(
    "bad", [{"key": ""}, {"key": "x" * 101}, {"key": "a\0"}, {"reason": "x" * 2001}, {"reference": "x" * 101}]
)
def test_texts_that_cannot_be_kept_are_refused(bad: dict[str, str]) -> None:
    level = stocked(1)
    with pytest.raises(StockRefused):
        receive_goods([item(level, 1)], **{"key": a_key(), **bad}, actor=None)


@pytest.mark.parametrize(
    ("kind", "quantity", "reserved"),
    [
        ("receipt", -1, 0), ("receipt", 1, 1), ("adjustment", 1, 1), ("transfer", 1, 0), ("reservation", 1, 1),
        ("reservation", 0, -1), ("release", 0, 1), ("shipment", 1, 0), ("shipment", -1, -2), ("shipment", -1, 1),
        ("count", 1, 1),
    ],
)  # fmt: skip
def test_a_kind_that_goes_the_other_way_is_refused(kind: str, quantity: int, reserved: int) -> None:
    level = stocked(9)
    line = Line(level.product_id, level.location_id, quantity, reserved)
    with pytest.raises(BadLine, match=f"of product {level.product_id} at location {level.location_id}"):
        post(PostingKind(kind), [line], key=a_key(), actor=None, reason="why")


def test_corrections_say_why() -> None:
    level = stocked(5)
    with pytest.raises(NoReason):
        adjust([item(level, 1)], key=a_key(), actor=None, reason=" ")
    with pytest.raises(NoReason):
        reverse(StockPosting.objects.get(), actor=None, reason="")


@pytest.mark.parametrize("who", ["a viewer", "nobody"])
def test_each_verb_asks_for_its_permission_and_records_the_refusal(who: str) -> None:
    level, posting = stocked(5), StockPosting.objects.get()
    by: Any = AnonymousUser() if who == "nobody" else person("view_stocklevel")
    more: dict[str, Any] = {"key": a_key(), "actor": by}
    verbs: dict[str, Callable[[], object]] = {
        "receive": lambda: receive_goods([item(level, 1)], **more),
        "adjust": lambda: adjust([item(level, 1)], **more, reason="x"),
        "transfer": lambda: transfer([item(level, 1)], to=a_location().pk, **more),
        "reserve": lambda: reserve([item(level, 1)], **more),
        "release": lambda: release([item(level, 1)], **more),
        "ship": lambda: ship([item(level, 1)], **more),
        "count": lambda: count([item(level, 1)], **more),
        "reverse": lambda: reverse(posting, actor=by, reason="x"),
    }
    for action, verb in verbs.items():
        with pytest.raises(PermissionDenied):
            verb()
        assert AuditEntry.objects.filter(action=action, subject="stock", allowed=False).exists()
    assert stands(level) == (5, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_stocklevel SET on_hand = on_hand + 1",
        "UPDATE inventory_stocklevel SET reserved = 1",
        "DELETE FROM inventory_stocklevel",
        "UPDATE inventory_stockmovement SET quantity = 6, on_hand_after = 6",
        "DELETE FROM inventory_stockmovement",
        "UPDATE inventory_stockposting SET reason = 'other'",
        "DELETE FROM inventory_stockposting",
        "INSERT INTO inventory_stockmovement (posting_id, line, kind, product_id, location_id, quantity, reserved,"
        " on_hand_after, reserved_after, note) SELECT posting_id, 9, kind, product_id, location_id, 1, 0, 6, 0, ''"
        " FROM inventory_stockmovement",
    ],
)
def test_the_database_refuses_what_is_no_posting(statement: str) -> None:
    level = stocked(5)
    with pytest.raises((IntegrityError, ProgrammingError)), connection.cursor() as cursor:
        cursor.execute(statement)
    assert stands(level) == (5, 0)
    assert_reconciled()


def test_a_new_level_with_pieces_is_refused() -> None:
    with pytest.raises(IntegrityError, match="changes by a posting only"):
        StockLevel.objects.create(product=a_product(), location=a_location(), on_hand=1)


def test_a_level_that_never_moved_may_go() -> None:
    level = StockLevel.objects.create(product=a_product(), location=a_location())
    level.delete()
    assert not StockLevel.objects.exists()

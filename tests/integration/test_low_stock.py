"""Low stock: opened at the reorder point, closed well above it, told once; the digest of the day."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from inventory.gauges import _low
from inventory.ledger.adjust import adjust
from inventory.ledger.low_stock import closes_at
from inventory.ledger.low_stock_digest import low_stock_digest
from inventory.ledger.post import BadLine
from inventory.ledger.release import release
from inventory.ledger.reserve import reserve
from inventory.ledger.set_reorder_point import Changed, set_reorder_point
from inventory.models import LowStock, StockLevel
from monitoring.models import AuditEntry, Notice
from tests.integration.pages import person
from tests.stock import a_key, a_location, a_product, item, stocked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeper() -> User:
    return person("change_stocklevel", name="keeper")


def watched(keeper: User, pieces: int, point: int, quantity: int = 20) -> StockLevel:
    level = stocked(pieces)
    return set_reorder_point(
        level.product_id, level.location_id, reorder_point=point, reorder_quantity=quantity, actor=keeper
    )


def change(level: StockLevel, pieces: int) -> None:
    adjust([item(level, pieces)], key=a_key(), actor=None, reason="a change")


def open_now(level: StockLevel) -> int:
    return LowStock.objects.filter(level=level, closed_at=None).count()


def test_it_opens_at_the_reorder_point_and_is_told_once(keeper: User) -> None:
    level = watched(keeper, 12, 10)
    change(level, -1)
    assert not LowStock.objects.exists()
    change(level, -1)
    change(level, -4)

    event = LowStock.objects.get()
    notice = Notice.objects.get()
    assert (event.available, event.reorder_point, event.closed_at) == (10, 10, None)
    assert (notice.key, notice.topic) == (f"low-stock/{event.pk}", "low stock")
    assert notice.subject == f"{level.product.sku} at {level.location.code}: 10 left"
    assert "the reorder point is 10. Order 20." in notice.body


def test_what_sways_around_the_point_is_told_once(keeper: User) -> None:
    level = watched(keeper, 101, 100)
    for pieces in (-1, +9, -9, +9, -9):
        change(level, pieces)
    assert (LowStock.objects.count(), Notice.objects.count()) == (1, 1)

    change(level, +10)
    assert open_now(level) == 0
    change(level, -10)
    assert (open_now(level), Notice.objects.count()) == (1, 2)


@pytest.mark.parametrize(("point", "closes"), [(1, 2), (5, 6), (10, 11), (11, 13), (100, 110)])
def test_it_closes_a_tenth_above(point: int, closes: int) -> None:
    assert closes_at(point) == closes


def test_what_is_promised_is_not_available(keeper: User) -> None:
    level = watched(keeper, 20, 10)
    reserve([item(level, 10)], key=a_key(), actor=None)
    assert open_now(level) == 1
    release([item(level, 1)], key=a_key(), actor=None)
    assert open_now(level) == 0


def test_a_posting_that_is_rolled_back_tells_nothing(keeper: User) -> None:
    level = watched(keeper, 20, 10)
    with transaction.atomic():
        change(level, -15)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_without_a_reorder_point_nothing_is_told() -> None:
    level = stocked(3)
    change(level, -3)
    assert not LowStock.objects.exists()


def test_the_point_itself_may_be_moved(keeper: User) -> None:
    level = watched(keeper, 20, 10)
    ids = (level.product_id, level.location_id)
    for point, is_low in ((20, 1), (19, 1), (18, 0), (25, 1), (0, 0)):
        set_reorder_point(*ids, reorder_point=point, reorder_quantity=5, actor=keeper)
        assert open_now(level) == is_low, point

    entry = AuditEntry.objects.filter(action="set reorder point").latest("pk")
    assert entry.details == {"before": {"point": 25, "quantity": 5}, "after": {"point": 0, "quantity": 5}}


def test_a_product_that_was_never_there_is_low_until_some_come(keeper: User) -> None:
    product, location = a_product(), a_location()
    level = set_reorder_point(product.pk, location.pk, reorder_point=5, reorder_quantity=10, actor=keeper)
    assert open_now(level) == 1
    assert Notice.objects.get().subject.endswith(": out of stock")
    stocked(6, product, location)
    assert open_now(level) == 0


def test_who_sees_old_figures_is_told(keeper: User) -> None:
    level = watched(keeper, 20, 10, 30)
    ids = (level.product_id, level.location_id)
    with pytest.raises(Changed, match="set them to 10 and 30 meanwhile"):
        set_reorder_point(*ids, reorder_point=7, reorder_quantity=1, actor=keeper, seen=(0, 0))
    set_reorder_point(*ids, reorder_point=7, reorder_quantity=1, actor=keeper, seen=(10, 30))


def test_a_reorder_point_needs_permission_and_sense(keeper: User) -> None:
    level = stocked(1)
    ids = (level.product_id, level.location_id)
    with pytest.raises(PermissionDenied):
        set_reorder_point(*ids, reorder_point=1, reorder_quantity=1, actor=person("view_stocklevel"))
    with pytest.raises(BadLine, match="whole number from 0"):
        set_reorder_point(*ids, reorder_point=-1, reorder_quantity=1, actor=keeper)
    with pytest.raises(BadLine, match="There is no product 999"):
        set_reorder_point(999, level.location_id, reorder_point=1, reorder_quantity=1, actor=keeper)


def test_the_digest_is_written_once_a_day_and_only_when_something_is_low(keeper: User) -> None:
    assert low_stock_digest() is None
    low, out = watched(keeper, 20, 10), watched(keeper, 20, 10)
    change(low, -15)
    change(out, -20)

    notice = low_stock_digest()
    assert low_stock_digest() is None
    assert notice is not None
    assert notice.subject.startswith("2 levels are low on ")
    assert f"{low.product.sku} {low.product.name}, at {low.location.code}: 5 available" in notice.body
    assert f"at {out.location.code}: out of stock, reorder point 10, order 20" in notice.body
    assert {sample.labels["state"]: sample.value for sample in _low()} == {"low": 2, "out": 1}

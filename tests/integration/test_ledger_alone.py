"""A posting that nothing comes of is one statement; whatever is refused or crossed is looked at in a transaction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from inventory.ledger.low_stock import closes_at
from inventory.ledger.post import Item, NotAccepted, Shortage
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.models import LowStock, StockLevel, StockPosting
from tests.integration.pages import person
from tests.stock import a_key, a_location, a_product, assert_reconciled, item, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


def watched(pieces: int, point: int) -> StockLevel:
    level = stocked(pieces)
    keeper = person("change_stocklevel")
    set_reorder_point(level.product_id, level.location_id, reorder_point=point, reorder_quantity=0, actor=keeper)
    return level


def statements(posting: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        posting()
    return [query["sql"].split()[0] for query in queries.captured_queries]


def test_nothing_comes_of_most_and_they_are_one_statement() -> None:
    level = watched(100, point=10)

    assert statements(lambda: ship([item(level, 5)], key="sold", actor=None)) == ["SELECT"]
    assert statements(lambda: ship([item(level, 5)], key="sold", actor=None)) == ["SELECT", "SELECT"], "known, and said"
    assert stands(level) == (95, 0)
    assert_reconciled()


def test_a_crossing_in_one_of_many_lines_is_not_missed() -> None:
    low, other = watched(12, point=10), stocked(100)

    ship([item(other, 1), item(low, 2)], key="both", actor=None)

    assert LowStock.objects.get(closed_at=None).level_id == low.pk
    assert (stands(low), stands(other)) == ((10, 0), (99, 0))
    assert StockPosting.objects.filter(key="both").count() == 1
    assert_reconciled()


def test_what_is_refused_says_why_and_leaves_nothing() -> None:
    level, place = stocked(3), a_location(is_active=False)
    archived: Product = a_product(status="archived")
    with pytest.raises(Shortage, match="2 too many"):
        ship([item(level, 5)], key="short", actor=None)
    with pytest.raises(NotAccepted, match="is archived"):
        receive_goods([Item(archived.pk, level.location_id, 1)], key="archived", actor=None)
    with pytest.raises(NotAccepted, match="is closed"):
        receive_goods([Item(level.product_id, place.pk, 1)], key="closed", actor=None)

    assert StockPosting.objects.count() == StockLevel.objects.count() == 1
    assert stands(level) == (3, 0)


@pytest.mark.parametrize("point", [1, 9, 10, 11, 25])
def test_the_database_knows_where_low_stock_opens_and_closes(point: int) -> None:
    level = watched(2 * point + 9, point)
    opens_at_last = []
    for available in (point + 1, point, closes_at(point) - 1, closes_at(point)):
        _bring_to(level, available)
        opens_at_last.append(LowStock.objects.filter(closed_at=None).exists())

    assert opens_at_last == [False, True, True, False]
    assert_reconciled()


def _bring_to(level: StockLevel, pieces: int) -> None:
    difference = pieces - stands(level)[0]
    if difference > 0:
        receive_goods([item(level, difference)], key=a_key(), actor=None)
    elif difference < 0:
        ship([item(level, -difference)], key=a_key(), actor=None)

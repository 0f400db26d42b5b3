"""Stocktakes: what was counted becomes one posting, and what moved meanwhile stays moved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Category, ProductStatus
from inventory.ledger.adjust import adjust
from inventory.ledger.reserve import reserve
from inventory.ledger.ship import ship
from inventory.models import StocktakeLine
from inventory.stocktakes.add import add_product
from inventory.stocktakes.count import count_line, count_more
from inventory.stocktakes.differences import differences, totals
from inventory.stocktakes.moved import lines_that_moved, moved
from inventory.stocktakes.open import open_stocktake
from inventory.stocktakes.post import LEAVE, ZERO, post_stocktake
from inventory.stocktakes.refused import Conflict, Refused
from inventory.stocktakes.verify import verify
from tests.catalog import a_category
from tests.stock import a_key, a_location, a_product, assert_reconciled, item, stands, stocked
from tests.stocktakes import a_counter, counted, line_of, opened

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_lists_what_is_on_the_books_there_in_the_order_of_the_skus() -> None:
    here, counter = a_location(), a_counter()
    for sku, pieces in (("B-2", 4), ("a-1", 7)):
        stocked(pieces, a_product(sku=sku), here)
    stocked(9)
    gone = stocked(1, a_product(), here)
    ship([item(gone, 1)], key=a_key(), actor=None, reference="")
    type(gone.product).objects.filter(pk=gone.product_id).update(status=ProductStatus.ARCHIVED)

    done = open_stocktake(location_id=here.pk, actor=counter)

    listed = done.stocktake.lines.order_by("pk").values_list("product__sku", "expected", "counted")
    assert list(listed) == [("a-1", 7, None), ("B-2", 4, None)]
    assert done.lines == 2


def test_a_category_is_counted_with_all_below_it() -> None:
    food = a_category("Food")
    tea = a_category("Tea", food)
    other = a_category("Paper")
    here = a_location()
    for category in (food, tea, other, None):
        stocked(1, a_product(category=category), here)

    done = open_stocktake(location_id=here.pk, category_id=Category.objects.get(slug="food").pk, actor=a_counter())

    assert set(done.stocktake.lines.values_list("product__category__slug", flat=True)) == {"food", "tea"}


def test_the_differences_are_posted_once_and_what_moved_stays_moved() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake = opened(level, counter)
    ship([item(level, 2)], key=a_key(), actor=None)
    counted(stocktake, level, 7, counter)
    stocked(5, level.product, level.location)

    first = post_stocktake(stocktake.pk, actor=counter)
    again = post_stocktake(stocktake.pk, actor=counter)

    assert stands(level) == (12, 0)  # 8 by the books when 7 were counted, and 5 came after that
    assert (first.repeated, again.repeated) == (False, True)
    assert first.posting == again.posting
    assert first.posting is not None
    assert (first.posting.key, first.posting.kind) == (f"stocktake/{stocktake.pk}", "count")
    assert [line.quantity for line in first.posting.movements.all()] == [-1]
    assert_reconciled()


def test_movements_while_counting_are_told_at_their_line() -> None:
    counter = a_counter()
    level = stocked(10)
    still = stocked(3, location=level.location)
    stocktake = opened(level, counter)
    ship([item(level, 2)], key=a_key(), actor=None)
    line = counted(stocktake, level, 8, counter)
    stocked(5, level.product, level.location)

    told = moved(StocktakeLine.objects.filter(stocktake=stocktake))

    assert [movement.quantity for movement in told[line.pk].before] == [-2]
    assert [movement.quantity for movement in told[line.pk].after] == [5]
    assert not told[line.pk].contested
    assert line_of(stocktake, still).pk not in told
    assert list(lines_that_moved(stocktake, stocktake.lines.all())) == [line]


def test_two_who_count_the_same_line_do_not_overwrite_each_other() -> None:
    one, two = a_counter("one"), a_counter("two")
    level = stocked(10)
    stocktake = opened(level, one)
    line = line_of(stocktake, level)
    count_line(line.pk, 9, version=line.version, actor=one)

    with pytest.raises(Conflict, match="one counted 9 here while you counted 8") as conflict:
        count_line(line.pk, 8, version=line.version, actor=two)

    assert conflict.value.line.counted == 9
    line.refresh_from_db()
    assert (line.counted, line.counted_by) == (9, one)
    assert count_line(line.pk, 8, version=line.version, actor=two).counted == 8


def test_the_same_count_sent_twice_is_one_count() -> None:
    counter = a_counter()
    level = stocked(10)
    line = line_of(opened(level, counter), level)
    first = count_line(line.pk, 9, version=line.version, actor=counter)
    second = count_line(line.pk, 9, version=line.version, actor=counter)
    assert (first.version, second.version) == (2, 2)


def test_scans_add_up_whoever_scans() -> None:
    one, two = a_counter("one"), a_counter("two")
    level = stocked(10)
    line = line_of(opened(level, one), level)
    for person_ in (one, two, one):
        count_more(line.pk, 1, actor=person_)
    line.refresh_from_db()
    assert line.counted == 3


def test_a_tick_counts_what_was_shown_if_the_books_still_say_so() -> None:
    counter = a_counter()
    level = stocked(10)
    line = line_of(opened(level, counter), level)
    ship([item(level, 1)], key=a_key(), actor=None)

    with pytest.raises(Conflict, match="The books say 9 by now, not 10"):
        verify(line.pk, version=line.version, shown=10, actor=counter)
    ticked = verify(line.pk, version=line.version, shown=9, actor=counter)

    assert (ticked.counted, ticked.verified, ticked.difference) == (9, True, 0)


def test_in_a_blind_count_a_tick_alone_says_nothing() -> None:
    counter = a_counter()
    level = stocked(10)
    line = line_of(opened(level, counter, blind=True), level)
    with pytest.raises(Refused, match="Count it first"):
        verify(line.pk, version=line.version, shown=10, actor=counter)


def test_another_count_after_a_verified_one_is_not_verified() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake = opened(level, counter)
    counted(stocktake, level, 9, counter, verified=True)
    assert not counted(stocktake, level, 8, counter).verified


def test_uncounted_lines_have_to_be_decided() -> None:
    counter = a_counter()
    level = stocked(10)
    left = stocked(4, location=level.location)
    stocktake = opened(level, counter)
    counted(stocktake, level, 9, counter)

    with pytest.raises(Refused, match="1 line was not counted"):
        post_stocktake(stocktake.pk, actor=counter)
    assert (stands(level), stands(left)) == ((10, 0), (4, 0))

    post_stocktake(stocktake.pk, actor=counter, uncounted=LEAVE)
    assert (stands(level), stands(left)) == ((9, 0), (4, 0))


def test_uncounted_lines_counted_as_zero() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake = opened(level, counter)
    ship([item(level, 3)], key=a_key(), actor=None)
    post_stocktake(stocktake.pk, actor=counter, uncounted=ZERO)
    assert stands(level) == (0, 0)
    assert line_of(stocktake, level).on_hand_then == 7


def test_fewer_than_are_reserved_is_refused_and_says_which() -> None:
    counter = a_counter()
    level = stocked(10, a_product(sku="TEA-1"))
    other = stocked(10, location=level.location)
    reserve([item(level, 6)], key=a_key(), actor=None, reference="Order 7")
    stocktake = opened(level, counter)
    counted(stocktake, level, 5, counter)
    counted(stocktake, other, 9, counter)

    with pytest.raises(Refused, match=r"Nothing was posted\. TEA-1 at .*10 on hand, 6 of them reserved"):
        post_stocktake(stocktake.pk, actor=counter)

    assert (stands(level), stands(other)) == ((10, 6), (10, 0))
    stocktake.refresh_from_db()
    assert stocktake.status == "open"


def test_a_shelf_that_another_put_right_is_counted_again() -> None:
    counter = a_counter()
    level = stocked(10, a_product(sku="TEA-1"))
    first, second = opened(level, counter), opened(level, counter)
    counted(first, level, 8, counter)
    counted(second, level, 8, counter)
    post_stocktake(first.pk, actor=counter)

    with pytest.raises(Refused, match="corrected TEA-1 since they were counted here"):
        post_stocktake(second.pk, actor=counter)
    assert stands(level) == (8, 0)

    counted(second, level, 8, counter)
    assert post_stocktake(second.pk, actor=counter).posting is None
    assert stands(level) == (8, 0)


def test_an_adjustment_after_the_count_is_not_posted_upon() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake = opened(level, counter)
    counted(stocktake, level, 8, counter)
    adjust([item(level, -2)], key=a_key(), actor=None, reason="Broken.")
    with pytest.raises(Refused, match="Count them again"):
        post_stocktake(stocktake.pk, actor=counter)


def test_what_was_found_is_put_on_the_list() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake, product = opened(level, counter), a_product()

    line = add_product(stocktake.pk, product.pk, actor=counter)
    assert add_product(stocktake.pk, product.pk, actor=counter) == line
    count_line(line.pk, 3, version=line.version, actor=counter)
    post_stocktake(stocktake.pk, actor=counter, uncounted=LEAVE)

    assert product.levels.get().on_hand == 3
    assert line.found


def test_differences_in_pieces_and_money() -> None:
    counter = a_counter()
    level = stocked(10, a_product(price=200))
    more = stocked(10, a_product(price="2.50"), level.location)
    same = stocked(10, a_product(), level.location)
    stocked(10, a_product(), level.location)
    stocktake = opened(level, counter)
    for one, pieces in ((level, 7), (more, 12), (same, 10)):
        counted(stocktake, one, pieces, counter)

    sums = totals(stocktake.pk)
    assert (sums.lines, sums.counted, sums.differing, sums.uncounted) == (4, 3, 2, 1)
    assert (sums.more, sums.less, sums.pieces) == (2, 3, -1)
    assert (sums.value_more, sums.value_less) == (Decimal(5), Decimal(600))
    lines: list[Any] = list(differences(stocktake.pk))
    assert [(line.difference, line.value) for line in lines] == [(-3, -600), (2, 5)]

"""Stocktakes that a result file feeds: one for each job and location, and doing it again changes nothing."""

from __future__ import annotations

import pytest

from inventory.models import Stocktake
from inventory.stocktakes.count import count_line
from inventory.stocktakes.open import Opened, open_stocktake
from inventory.stocktakes.post import post_stocktake
from inventory.stocktakes.refused import Refused
from inventory.stocktakes.take_counts import Counted
from tests.stock import a_product, stands, stocked
from tests.stocktakes import a_counter, line_of

pytestmark = pytest.mark.django_db(transaction=True)


def fed(location: int, *lines: tuple[int, int], source: str = "job-1") -> Opened:
    return open_stocktake(location_id=location, actor=None, source=source, lines=[Counted(*line) for line in lines])


def test_counts_come_in_pieces_and_are_one_stocktake() -> None:
    level, found = stocked(10), a_product()
    first = fed(level.location_id, (level.product_id, 8))
    second = fed(level.location_id, (found.pk, 3))

    assert (first.repeated, second.repeated) == (False, True)
    assert first.stocktake == second.stocktake
    rows = first.stocktake.lines.order_by("product_id").values_list("counted", "on_hand_then", "expected", "found")
    assert list(rows) == [(8, 10, 10, False), (3, 0, 0, True)]


def test_the_same_again_changes_nothing_and_another_count_is_the_last() -> None:
    level = stocked(10)
    fed(level.location_id, (level.product_id, 8))
    again = fed(level.location_id, (level.product_id, 8)).taken
    other = fed(level.location_id, (level.product_id, 7)).taken
    assert again is not None
    assert other is not None
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    assert (other.added, other.changed, other.unchanged) == (0, 1, 0)


def test_a_persons_count_is_kept() -> None:
    counter, level = a_counter(), stocked(10)
    stocktake = fed(level.location_id, (level.product_id, 8)).stocktake
    line = line_of(stocktake, level)
    count_line(line.pk, 9, version=line.version, actor=counter)

    taken = fed(level.location_id, (level.product_id, 8)).taken

    assert taken is not None
    assert taken.kept == [level.product_id]
    assert line_of(stocktake, level).counted == 9


def test_another_location_or_job_is_another_stocktake() -> None:
    one, two = stocked(1), stocked(1)
    fed(one.location_id, (one.product_id, 1))
    fed(two.location_id, (two.product_id, 1))
    fed(one.location_id, (one.product_id, 1), source="job-2")
    assert Stocktake.objects.count() == 3


def test_after_the_posting_nothing_more_is_taken() -> None:
    counter, level = a_counter(), stocked(10)
    stocktake = fed(level.location_id, (level.product_id, 8)).stocktake
    posting = post_stocktake(stocktake.pk, actor=counter).posting
    assert posting is not None
    assert posting.reference == "job-1"
    assert stands(level) == (8, 0)
    with pytest.raises(Refused, match="is posted"):
        fed(level.location_id, (level.product_id, 7))
    assert stands(level) == (8, 0)

"""Who counts, who posts, and what moves at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from inventory.ledger.ship import ship
from inventory.models import StockPosting, Stocktake, StocktakeLine
from inventory.stocktakes.add import add_product
from inventory.stocktakes.count import count_line, count_more
from inventory.stocktakes.hold import hold_line
from inventory.stocktakes.post import LEAVE, post_stocktake
from inventory.stocktakes.refused import Conflict, Refused
from tests.concurrency.racing import PATIENCE, race
from tests.stock import a_key, a_product, assert_reconciled, item, stands, stocked
from tests.stocktakes import a_counter, counted, line_of, opened

pytestmark = pytest.mark.django_db(transaction=True)


def told(verb: Callable[[], Any]) -> str:
    try:
        verb()
    except (Conflict, Refused) as refusal:
        return type(refusal).__name__
    return "done"


def waits(verb: Callable[[], Any]) -> tuple[threading.Thread, list[str]]:
    """A thread that runs the verb, and has come to wait for a lock when this returns."""
    outcome: list[str] = []
    pids: list[int] = []
    known = threading.Event()

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            known.set()
            outcome.append(told(verb))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert known.wait(PATIENCE)
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", pids)
            if cursor.fetchone()[0]:
                break
        else:
            pytest.fail("It never waited.")
    return thread, outcome


def test_of_two_who_count_a_line_one_is_told_of_the_other() -> None:
    one, two = a_counter("one"), a_counter("two")
    level = stocked(10)
    line = line_of(opened(level, one), level)

    outcomes = race([
        lambda: told(lambda: count_line(line.pk, 8, version=line.version, actor=one)),
        lambda: told(lambda: count_line(line.pk, 9, version=line.version, actor=two)),
    ])  # fmt: skip

    assert sorted(outcomes) == ["Conflict", "done"]
    line.refresh_from_db()
    assert line.counted == (8 if outcomes[0] == "done" else 9)


def test_scans_at_the_same_moment_all_count() -> None:
    one = a_counter()
    level = stocked(10)
    line = line_of(opened(level, one), level)
    race([lambda: count_more(line.pk, 1, actor=one)] * 6)
    line.refresh_from_db()
    assert line.counted == 6


def test_posted_at_the_same_moment_it_is_posted_once() -> None:
    one = a_counter()
    level = stocked(10)
    stocktake = opened(level, one)
    counted(stocktake, level, 8, one)

    outcomes = race([lambda: post_stocktake(stocktake.pk, actor=one)] * 4)

    assert sorted(outcome.repeated for outcome in outcomes) == [False, True, True, True]
    assert StockPosting.objects.filter(kind="count").count() == 1
    assert stands(level) == (8, 0)


def test_a_count_that_comes_while_it_is_posted_is_in_it_or_refused() -> None:
    one = a_counter()
    level = stocked(10)
    stocktake = opened(level, one)
    line = counted(stocktake, level, 8, one)

    outcomes = race([
        lambda: told(lambda: post_stocktake(stocktake.pk, actor=one)),
        lambda: told(lambda: count_line(line.pk, 6, version=line.version, actor=one)),
    ])  # fmt: skip

    assert outcomes[0] == "done"
    assert stands(level) == ((6, 0) if outcomes[1] == "done" else (8, 0))
    assert StocktakeLine.objects.get().counted == level.on_hand


def test_a_count_that_waited_for_the_posting_is_refused() -> None:
    """The line is locked by the posting, which ends before the count has it: the count must see that."""
    one = a_counter()
    level = stocked(10)
    stocktake = opened(level, one)
    line = counted(stocktake, level, 8, one)
    with transaction.atomic():
        post_stocktake(stocktake.pk, actor=one)
        thread, outcome = waits(lambda: count_line(line.pk, 6, version=line.version, actor=one))
    thread.join(PATIENCE)

    assert outcome == ["Refused"]
    line.refresh_from_db()
    assert (line.counted, stands(level)) == (8, (8, 0))


def test_a_posting_that_waited_for_a_count_has_it() -> None:
    one = a_counter()
    level = stocked(10)
    stocktake = opened(level, one)
    line = counted(stocktake, level, 8, one)
    with transaction.atomic():
        hold_line(line.pk)
        thread, outcome = waits(lambda: post_stocktake(stocktake.pk, actor=one))
        count_line(line.pk, 6, version=line.version, actor=one)
    thread.join(PATIENCE)

    assert outcome == ["done"]
    assert stands(level) == (6, 0)


def test_a_product_found_while_it_is_posted_is_refused() -> None:
    one = a_counter()
    level, product = stocked(10), a_product()
    stocktake = opened(level, one)
    with transaction.atomic():
        post_stocktake(stocktake.pk, actor=one, uncounted=LEAVE)
        thread, outcome = waits(lambda: add_product(stocktake.pk, product.pk, actor=one))
    thread.join(PATIENCE)
    assert outcome == ["Refused"]


def test_of_two_stocktakes_of_one_shelf_only_one_corrects_it() -> None:
    """Both saw 10 and counted 8; posted at the same moment, the second waits for the level, and then must look."""
    one = a_counter()
    level = stocked(10)
    both = [opened(level, one), opened(level, one)]
    for stocktake in both:
        counted(stocktake, level, 8, one)

    outcomes = race([lambda stocktake=stocktake: told(lambda: post_stocktake(stocktake.pk, actor=one))  # type: ignore[misc]
                     for stocktake in both])  # fmt: skip

    assert sorted(outcomes) == ["Refused", "done"]
    assert stands(level) == (8, 0)
    assert sorted(Stocktake.objects.values_list("status", flat=True)) == ["open", "posted"]


def test_what_is_shipped_while_it_is_counted_and_posted_stays_shipped() -> None:
    one = a_counter()
    level = stocked(100)
    stocktake = opened(level, one)
    line = line_of(stocktake, level)

    def ships() -> None:
        for _ in range(10):
            ship([item(level, 1)], key=a_key(), actor=None)

    def counts() -> None:
        """One fewer than the books say, whenever that is."""
        with transaction.atomic():
            level.__class__.objects.select_for_update().get(pk=level.pk)
            now = level.__class__.objects.get(pk=level.pk).on_hand
            count_line(line.pk, now - 1, version=line.version, actor=one)
        post_stocktake(stocktake.pk, actor=one)

    race([ships, counts, ships])

    assert stands(level) == (79, 0)
    assert_reconciled()

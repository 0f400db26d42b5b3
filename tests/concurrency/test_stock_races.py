"""Many at the same stock at once, each with a connection of its own: nothing is oversold, posted twice, or stuck."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from inventory.ledger.add_up_demand import add_up_demand
from inventory.ledger.post import Item, KeyReused, Posted, Shortage
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.release import release
from inventory.ledger.reserve import reserve
from inventory.ledger.reverse import reverse
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.ledger.transfer import transfer
from inventory.models import LowStock, StockLevel, StockMovement, StockPosting
from monitoring import telemetry
from monitoring.models import Notice
from tests.concurrency.racing import PATIENCE, race
from tests.integration.pages import person
from tests.stock import a_key, a_location, a_product, assert_reconciled, history, item, outcome, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def retried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was tried again because PostgreSQL ended it."""
    told: list[Any] = []
    monkeypatch.setattr(telemetry, "event", lambda name, **fields: told.append((name, fields)))
    return told


def test_fifty_sell_the_last_ten() -> None:
    level = stocked(10)

    def sell() -> str:
        return outcome(lambda: ship([item(level, 1)], key=a_key(), actor=None))

    outcomes = race([sell] * 50)

    assert sorted(outcomes) == ["Shortage"] * 40 + ["posted"] * 10
    assert stands(level) == (0, 0)
    assert [after for *_, after, _ in history(level)] == list(range(10, -1, -1))
    assert_reconciled()


def test_opposite_orders_of_lines_do_not_deadlock(retried: list[Any]) -> None:
    levels = [stocked(1000) for _ in range(12)]

    def sell(seed: int) -> Callable[[], list[str]]:
        order = Random(seed).sample(levels, len(levels)) if seed > 1 else levels[:: 1 if seed else -1]
        lines = [item(level, 1) for level in order]
        return lambda: [outcome(lambda: ship(lines, key=a_key(), actor=None)) for _ in range(25)]

    for outcomes in race([sell(seed) for seed in range(8)]):
        assert outcomes == ["posted"] * 25

    assert retried == []  # not even one that was tried again
    assert {stands(level) for level in levels} == {(1000 - 8 * 25, 0)}
    assert_reconciled()


@pytest.fixture
def slow_new_levels() -> Iterator[None]:
    """Each new level takes 10 ms, so that those who make the same ones are sure to meet."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$;
            CREATE TRIGGER slowly AFTER INSERT ON inventory_stocklevel FOR EACH ROW EXECUTE FUNCTION slowly()""")
        yield
        cursor.execute("DROP FUNCTION slowly CASCADE")


@pytest.mark.usefixtures("slow_new_levels")
def test_opposite_orders_of_new_levels_do_not_deadlock(retried: list[Any]) -> None:
    location = a_location()
    old, new = [stocked(1, location=location).product_id for _ in range(4)], [a_product().pk for _ in range(60)]
    deliveries = [[*new[start : start + 20], *old] for start in range(0, 60, 20)]

    def take(products: list[int]) -> str:
        items = [Item(product, location.pk, 1) for product in products]
        return outcome(lambda: receive_goods(items, key=a_key(), actor=None))

    def come(step: int) -> Callable[[], set[str]]:
        return lambda: {take(products[::step]) for products in deliveries}

    assert race([come(1), come(-1)] * 4) == [{"posted"}] * 8
    assert retried == []
    assert StockLevel.objects.count() == 64
    assert_reconciled()


def test_the_same_key_from_twenty_posts_once() -> None:
    product, location = a_product(), a_location()

    def come() -> Posted:
        return receive_goods([Item(product.pk, location.pk, 3)], key="delivery-1", actor=None)

    posted = race([come] * 20)

    assert sorted(each.repeated for each in posted) == [False] + [True] * 19
    assert {each.posting.pk for each in posted} == {StockPosting.objects.get().pk}
    assert StockMovement.objects.count() == 1
    assert stands(StockLevel.objects.get()) == (3, 0)


def test_the_same_key_with_other_content_is_refused_to_all_but_one() -> None:
    level = stocked(100)

    def sell(pieces: int) -> Callable[[], str]:
        return lambda: outcome(lambda: ship([item(level, pieces)], key="order-1", actor=None))

    outcomes = race([sell(pieces) for pieces in range(1, 11)])

    assert sorted(outcomes) == ["KeyReused"] * 9 + ["posted"]
    assert level.on_hand - stands(level)[0] == outcomes.index("posted") + 1


def test_who_waits_for_a_key_posts_when_the_first_gives_up() -> None:
    level, begun, may_end = stocked(10), threading.Event(), threading.Event()

    def give_up() -> None:
        with transaction.atomic():
            ship([item(level, 4)], key="order-1", actor=None)
            begun.set()
            assert may_end.wait(PATIENCE)
            transaction.set_rollback(True)

    def sell() -> str:
        assert begun.wait(PATIENCE)
        connection.ensure_connection()
        threading.Thread(target=_when_somebody_waits, args=[may_end]).start()
        return outcome(lambda: ship([item(level, 4)], key="order-1", actor=None))

    assert race([give_up, sell])[1] == "posted"
    assert stands(level) == (6, 0)


def _when_somebody_waits(event: threading.Event) -> None:
    try:
        with connection.cursor() as cursor:
            waiting = False
            while not waiting:
                cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')")
                (waiting,) = cursor.fetchone()
    finally:
        event.set()
        connection.close()


def test_transfers_both_ways_keep_the_sum(retried: list[Any]) -> None:
    here = stocked(50)
    there = stocked(50, product=here.product)

    def carry(level: StockLevel, to: int) -> Callable[[], None]:
        def carry_all() -> None:
            for _ in range(20):
                outcome(lambda: transfer([item(level, 3)], to=to, key=a_key(), actor=None))

        return carry_all

    race([carry(here, there.location_id), carry(there, here.location_id)] * 3)

    assert stands(here)[0] + stands(there)[0] == 100
    assert retried == []
    assert_reconciled()


def test_a_reservation_and_a_sale_of_the_same_pieces() -> None:
    level = stocked(10)

    def promise() -> str:
        return outcome(lambda: reserve([item(level, 1)], key=a_key(), actor=None))

    def sell() -> str:
        return outcome(lambda: ship([item(level, 1)], key=a_key(), actor=None))

    outcomes = race([promise, sell] * 12)

    on_hand, reserved = stands(level)
    assert on_hand == reserved == outcomes[::2].count("posted")
    assert 10 - on_hand == outcomes[1::2].count("posted")
    assert outcomes.count("posted") == 10
    assert_reconciled()


def test_reserved_pieces_are_shipped_and_released_once() -> None:
    level = stocked(10)
    reserve([item(level, 6)], key=a_key(), actor=None)

    def send() -> str:
        return outcome(lambda: ship([item(level, 1)], key=a_key(), actor=None, reserved_first=True))

    def free() -> str:
        return outcome(lambda: release([item(level, 1)], key=a_key(), actor=None))

    outcomes = race([send, free] * 10)

    assert outcomes[::2].count("posted") == 10
    assert stands(level) == (0, 0)
    assert_reconciled()


def test_a_posting_is_taken_back_once() -> None:
    level = stocked(10)
    posting = ship([item(level, 4)], key=a_key(), actor=None).posting

    def take_back() -> str:
        return outcome(lambda: reverse(posting, actor=None, reason="came back", key=a_key()))

    assert sorted(race([take_back] * 8)) == ["AlreadyReversed"] * 7 + ["posted"]
    assert stands(level) == (10, 0)


def test_a_crossing_is_told_once() -> None:
    level, keeper = stocked(40), person("change_stocklevel")

    def move_the_point(point: int) -> Callable[[], object]:
        ids = (level.product_id, level.location_id)
        return lambda: set_reorder_point(*ids, reorder_point=point, reorder_quantity=0, actor=keeper)

    def sell() -> str:
        return outcome(lambda: ship([item(level, 1)], key=a_key(), actor=None))

    race([sell] * 30 + [move_the_point(point) for point in (20, 25, 30)])

    assert LowStock.objects.filter(closed_at=None).count() == 1
    assert Notice.objects.count() == LowStock.objects.count()


def test_shortage_says_what_was_there_under_the_lock() -> None:
    level = stocked(3)

    def sell() -> Any:
        try:
            return ship([item(level, 2)], key=a_key(), actor=None)
        except Shortage as refusal:
            return refusal.rows

    found = race([sell] * 3)

    rows = [row for each in found if isinstance(each, list) for row in each]
    assert [(row["on_hand"], row["lacks"]) for row in rows] == [(1, 1)] * 2


def test_keys_are_refused_for_other_kinds_too() -> None:
    level = stocked(3)
    ship([item(level, 1)], key="order-1", actor=None)
    with pytest.raises(KeyReused):
        reserve([item(level, 1)], key="order-1", actor=None)


def test_demand_is_added_up_past_whoever_posts() -> None:
    """A level that is being posted holds nobody up; it is added up the next time, with what was posted meanwhile."""
    held, free = stocked(100), stocked(100)
    for level in (held, free):
        ship([item(level, 10)], key=a_key(), actor=None)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT FROM inventory_stocklevel WHERE id = %s FOR UPDATE", [held.pk])
        assert race([add_up_demand]) == [1]
        ship([item(held, 5)], key=a_key(), actor=None)
    assert demands(held, free) == [0, 10]
    assert add_up_demand() == 1
    assert demands(held, free) == [15, 10]


def test_demand_counts_what_is_posted_while_it_is_added_up() -> None:
    level = stocked(1000)

    def sell() -> None:
        for _ in range(20):
            ship([item(level, 1)], key=a_key(), actor=None)

    def add_up() -> None:
        for _ in range(20):
            add_up_demand()

    race([sell, sell, add_up, add_up])
    add_up_demand()
    assert demands(level) == [40]
    assert_reconciled()


def demands(*levels: StockLevel) -> list[int]:
    return [StockLevel.objects.get(pk=level.pk).demand for level in levels]

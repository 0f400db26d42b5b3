"""Postings of every kind at once, and what PostgreSQL ends in between: ledger and levels agree in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from inventory.ledger import post as post_step
from inventory.ledger import retrying
from inventory.ledger.adjust import adjust
from inventory.ledger.post import Posted
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.release import release
from inventory.ledger.reserve import reserve
from inventory.ledger.reverse import reverse
from inventory.ledger.ship import ship
from inventory.ledger.transfer import transfer
from inventory.models import StockPosting
from tests.concurrency.racing import race
from tests.stock import a_key, a_location, assert_reconciled, history, item, outcome, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ledger_and_levels_agree_after_anything(seed: int) -> None:
    """Four at once post whatever comes to mind; what is refused leaves nothing, what is posted is in both."""
    locations = [a_location() for _ in range(2)]
    levels = [stocked(30, location=location) for location in locations for _ in range(3)]
    others = {level.pk: locations[levels.index(level) < 3].pk for level in levels}

    def one(random: Random) -> str:
        found = random.sample(levels, random.randint(1, 3))
        items = [item(level, random.randint(1, 9)) for level in found]
        signed = [each._replace(quantity=random.choice((-1, 1)) * each.quantity) for each in items]
        posting = StockPosting.objects.exclude(kind="reversal").order_by("pk")[random.randrange(len(levels))]
        # Some keys are used twice, by the same or by another.
        more: dict[str, Any] = {"key": f"{seed}/{random.randint(1, 150)}", "actor": None}
        verbs: list[Callable[[], Posted]] = [
            lambda: receive_goods(items, **more),
            lambda: adjust(signed, **more, reason="any"),
            lambda: transfer(items[:1], to=others[found[0].pk], **more),
            lambda: reserve(items, **more),
            lambda: release(items, **more),
            lambda: ship(items, **more),
            lambda: ship(items, **more, reserved_first=True),
            lambda: reverse(posting, **more, reason="any"),
        ]
        return outcome(random.choice(verbs))

    def many(number: int) -> Callable[[], list[str]]:
        random = Random(100 * seed + number)
        return lambda: [one(random) for _ in range(60)]

    outcomes = [each for found in race([many(number) for number in range(4)]) for each in found]

    assert {"posted", "Shortage", "KeyReused"} <= set(outcomes)
    assert StockPosting.objects.count() == len(levels) + outcomes.count("posted")
    assert_reconciled()
    for level in levels:
        on_hand, reserved = stands(level)
        moves = history(level)
        assert (sum(move[1] for move in moves), sum(move[2] for move in moves)) == (on_hand, reserved)
        assert all(0 <= move[4] <= move[3] for move in moves)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The server ends as many postings as there are error codes in this list, after they have written."""
    codes: list[str] = []
    original = post_step._rows

    def end(told: dict[str, Any]) -> list[Any]:
        if not codes:
            return original(told)
        # A posting that is a statement of its own is undone with it, as the server would.
        with transaction.atomic(), connection.cursor() as cursor:
            original(told)
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{codes.pop()}'; END $$")
        raise AssertionError("It was not ended.")

    monkeypatch.setattr(post_step, "_rows", end)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return codes


@pytest.mark.parametrize("code", retrying.ENDED_FOR_OTHERS)
def test_what_was_ended_for_others_is_tried_again(ended: list[str], code: str) -> None:
    level = stocked(10)
    ended += [code] * 3

    posted = ship([item(level, 4)], key=a_key(), actor=None)

    assert not posted.repeated
    assert history(level)[1:] == [("shipment", -4, 0, 6, 0)]
    assert StockPosting.objects.get(kind="shipment") == posted.posting
    assert_reconciled()


def test_it_is_given_up_in_the_end(ended: list[str]) -> None:
    level = stocked(10)
    ended += ["40P01"] * 100

    with pytest.raises(OperationalError):
        ship([item(level, 4)], key=a_key(), actor=None)

    assert len(ended) == 100 - retrying.TRIES
    assert stands(level) == (10, 0)


def test_another_error_is_not_tried_again(ended: list[str]) -> None:
    level = stocked(10)
    ended += ["57014"] * 2

    with pytest.raises(OperationalError):
        ship([item(level, 4)], key=a_key(), actor=None)

    assert len(ended) == 1


def test_in_a_callers_transaction_nothing_is_tried_again(ended: list[str]) -> None:
    level = stocked(10)
    ended += ["40P01"] * 2

    with pytest.raises(OperationalError), transaction.atomic():
        ship([item(level, 4)], key=a_key(), actor=None)

    assert len(ended) == 1
    assert stands(level) == (10, 0)

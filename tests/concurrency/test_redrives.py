"""Two operators, two workers, and who steers while one is at work: on real connections, at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from batches.letters import advance as advance_step
from batches.letters import work_redrives as work_step
from batches.letters.cancel import cancel_redrive
from batches.letters.discard import discard
from batches.letters.filters import LetterFilter
from batches.letters.pause import pause_redrive
from batches.letters.refused import Refused
from batches.letters.work_redrives import work_redrives
from batches.models import DeadLetter, Redrive, RedriveItem, Transaction
from tests.builders import JOB, balance_of, counts, image, ingested, jsonl, line, run_all, status_of, taken_in
from tests.concurrency.racing import PATIENCE, race
from tests.concurrency.test_merging import _wait_until_blocked
from tests.redrives import (
    ALL,
    a_rule,
    an_operator,
    begun,
    dead_letters,
    let_lease_end,
    run_redrives,
    started,
    statuses,
    wrong_dates,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)


def or_refused(verb: Callable[[], Any]) -> Any:
    try:
        return verb()
    except Refused as refused:
        return str(refused)


def test_two_operators_take_each_letter_once() -> None:
    dead_letters(200)
    operators = [an_operator("hanako"), an_operator("taro")]

    results = race([partial(or_refused, partial(begun, actor=who)) for who in operators])

    taken = [result.taken for result in results if not isinstance(result, str)]
    assert sum(taken) == 200
    assert RedriveItem.objects.filter(status="waiting").count() == 200
    assert RedriveItem.objects.values("letter").distinct().count() == 200


def test_the_same_form_at_once_is_one_redrive() -> None:
    dead_letters(50)
    who = an_operator()

    results = race([lambda: begun(actor=who, intent_id="form-1")] * 4)

    assert len({result.redrive.pk for result in results}) == 1
    assert sorted(result.again for result in results) == [False, True, True, True]
    assert RedriveItem.objects.count() == 50


def test_many_workers_put_each_letter_right_once() -> None:
    dead_letters(700)
    redrives = [
        started(LetterFilter(ids=",".join(str(pk) for pk in part)), rule=a_rule())
        for part in _halves(list(DeadLetter.objects.order_by("pk").values_list("pk", flat=True)))
    ]

    race([run_redrives] * 4)
    run_redrives()

    assert counts() == {"inserted": 700}
    assert [statuses(redrive) for redrive in redrives] == [{"put_right": 350}] * 2
    assert status_of() == "finished"
    # Each letter has one event, and not one from each worker.
    assert DeadLetter.objects.get(pk=DeadLetter.objects.earliest("pk").pk).events.count() == 1


class Held:
    """A worker in the middle of a step: at the first call of a function, until `release`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.reached, self._go, self._first = threading.Event(), threading.Event(), threading.Lock()
        original = getattr(module, name)

        def held(*args: Any, **kwargs: Any) -> Any:
            if self._first.acquire(blocking=False):
                self.reached.set()
                assert self._go.wait(PATIENCE)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, held)
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self.reached.wait(PATIENCE)

    def _work(self) -> None:
        try:
            work_redrives()
        finally:
            connection.close()

    def release(self) -> None:
        self._go.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


# Tried, outside of any transaction; and within the transaction, with everything written.
STEPS = [(advance_step, "_commit"), (advance_step, "settle_items")]


@pytest.mark.parametrize(("module", "name"), STEPS)
def test_a_worker_that_slept_through_its_lease_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    dead_letters(30)
    redrive = started(rule=a_rule())
    sleeper = Held(monkeypatch, module, name)
    let_lease_end(redrive)

    run_redrives()
    assert statuses(redrive) == {"put_right": 30}
    before = list(Transaction.objects.order_by("pk").values_list("pk", "revision", "updated_at"))
    sleeper.release()

    assert list(Transaction.objects.order_by("pk").values_list("pk", "revision", "updated_at")) == before
    assert (statuses(redrive), counts()) == ({"put_right": 30}, {"inserted": 30})
    assert DeadLetter.objects.earliest("pk").events.count() == 1


@pytest.mark.parametrize("verb", [cancel_redrive, pause_redrive])
def test_who_stops_it_before_the_transaction_stops_the_batch(monkeypatch: pytest.MonkeyPatch, verb: Any) -> None:
    dead_letters(30)
    redrive = started(rule=a_rule())
    worker = Held(monkeypatch, advance_step, "_commit")

    verb(redrive.pk, actor=an_operator())
    worker.release()

    assert counts() == {"dead": 30}
    assert statuses(redrive) == {"cancelled" if verb is cancel_redrive else "waiting": 30}


@pytest.mark.parametrize("verb", [cancel_redrive, pause_redrive])
def test_who_stops_it_within_the_transaction_waits_for_the_batch(monkeypatch: pytest.MonkeyPatch, verb: Any) -> None:
    dead_letters(250)
    redrive = started(rule=a_rule())
    operator = an_operator()
    worker = Held(monkeypatch, advance_step, "settle_items")

    stopping = threading.Thread(target=_and_close, args=(lambda: verb(redrive.pk, actor=operator),))
    stopping.start()
    _wait_until_blocked(stopping)
    worker.release()
    stopping.join(PATIENCE)

    # The batch is in, whole; nothing was begun after the verb returned.
    assert statuses(redrive) == {"put_right": 200, "cancelled" if verb is cancel_redrive else "waiting": 50}
    assert counts() == {"inserted": 200, "dead": 50}


def test_letters_discarded_while_a_batch_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = dead_letters(5)
    redrive = started(rule=a_rule())
    worker = Held(monkeypatch, advance_step, "_commit")

    discard(LetterFilter(ids=f"{letters[0].pk},{letters[4].pk}"), actor=an_operator(), reason="No receipts.")
    worker.release()
    run_redrives()

    assert statuses(redrive) == {"put_right": 3, "skipped": 2}
    assert counts() == {"inserted": 3, "dead": 2}


def test_a_redrive_beside_the_ingest_of_its_own_job() -> None:
    ingested(wrong_dates(range(300)), "first.jsonl")
    redrive = started(rule=a_rule())
    taken_in(jsonl(line(image(number), amount=9) for number in range(0, 300, 2)), "second.jsonl")

    race([run_redrives, run_all, run_redrives, run_all])
    run_redrives()

    assert statuses(redrive) == {"put_right": 300}
    amounts = dict(Transaction.objects.values_list("image_id", "amount"))
    # Whoever was first: the later file's lines hold.
    assert {name: int(amount) for name, amount in amounts.items()} == {
        image(number): 1280 if number % 2 else 9 for number in range(300)
    }
    told = balance_of(JOB)
    assert (told.read, told.dead) == (450, 0)


def test_two_redrives_that_clear_a_group_between_them_resolve_it() -> None:
    letters = dead_letters(40)
    rule = a_rule()
    for part in _halves([letter.pk for letter in letters]):
        started(LetterFilter(ids=",".join(map(str, part))), rule=rule)

    race([run_redrives, run_redrives])
    run_redrives()

    assert rule.group
    rule.group.refresh_from_db()
    assert rule.group.status == "resolved"
    assert set(Redrive.objects.values_list("status", flat=True)) == {"finished"}


def test_a_batch_that_kills_is_narrowed_down_to_its_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = dead_letters(20)
    culprit = letters[7].pk
    redrive = started(rule=a_rule())
    original = advance_step.advance

    def deadly(claim: Any, redrive: Redrive, items: list[RedriveItem]) -> None:
        if culprit in [item.letter_id for item in items] and items[0].attempts < 3:
            raise MemoryError
        original(claim, redrive, items)

    monkeypatch.setattr(work_step, "advance", deadly)
    for _ in range(30):
        run_redrives()
        Redrive.objects.filter(pk=redrive.pk).update(next_at="2026-01-01T00:00Z")

    assert statuses(redrive) == {"put_right": 19, "failed": 1}
    assert RedriveItem.objects.get(letter=culprit).outcome == "unreadable"
    assert DeadLetter.objects.get(pk=culprit).status == "open"
    assert begun(ALL).taken == 1


def _halves(ids: list[int]) -> tuple[list[int], list[int]]:
    return ids[::2], ids[1::2]


def _and_close(verb: Callable[[], object]) -> None:
    try:
        verb()
    finally:
        connection.close()

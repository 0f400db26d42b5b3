"""Proposals and counts, with several at them at once: each is decided, placed and corrected once."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from batches.counts import place as place_step
from batches.counts.place import place_counts
from batches.models import AcceptanceItem, CountedStock, DeadLetter
from batches.proposals import accept_some as accept_step
from batches.proposals.decide import Decided, accept
from batches.proposals.fields import Refused
from batches.proposals.start import start_acceptance
from batches.proposals.which import Which
from batches.proposals.work import work_acceptances
from catalog.models import Product
from inventory.models import Stocktake, StocktakeLine
from tests.builders import claims, counts, ingested, jsonl, taken_in
from tests.concurrency.racing import PATIENCE, race
from tests.concurrency.test_merging import _wait_until_blocked, _work_on
from tests.integration.pages import person
from tests.kinds import (
    PRODUCTS_JOB,
    a_location,
    a_product,
    count_line,
    counts_job,
    products_job,
    proposal_line,
    the_proposal,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by() -> User:
    return person("decide_productproposal", "change_product", "add_product", name="hanako")


def test_two_workers_place_each_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_step, "COUNTS_PER_TRANSACTION", 3)
    a_location()
    a_location("OSAKA")
    for number in range(12):
        a_product(f"T-{number}")
    lines = [count_line(f"T-{number}", place, number) for number in range(12) for place in ("TOKYO", "OSAKA")]
    ingested(jsonl(lines), job=counts_job())

    assert sum(race([place_counts, place_counts, place_counts])) + place_counts() == 24

    assert Stocktake.objects.count() == 2
    assert StocktakeLine.objects.count() == 24
    assert set(StocktakeLine.objects.values_list("version", flat=True)) == {1}
    assert not CountedStock.objects.filter(stocktake_line=None).exists()


def test_two_people_accept_the_same_field(by: User) -> None:
    a_product()
    ingested(jsonl([proposal_line()]), job=products_job())
    row = the_proposal()

    def accepting() -> Decided | Refused:
        try:
            return accept(row.pk, ["price"], actor=by, content=row.content, seen=1)
        except Refused as refusal:
            return refusal

    outcomes = race([accepting, accepting])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Decided", "Refused"]
    assert (Product.objects.get().version, Product.objects.get().price) == (2, Decimal("1280.00"))


def test_two_people_make_a_draft_of_the_same_sku_in_two_jobs(by: User) -> None:
    for job in ("one", "two"):
        ingested(jsonl([proposal_line("NEW-1")]), f"{job}.jsonl", products_job(job))
    rows = [the_proposal("NEW-1", job__job_id=job) for job in ("one", "two")]

    def accepting(at: int) -> bool:
        try:
            done = accept(rows[at].pk, ["name", "price"], actor=by, content=rows[at].content, seen=None)
        except Refused:
            return False
        return bool(done.fields)

    assert sorted(race([lambda: accepting(0), lambda: accepting(1)])) == [False, True]
    assert Product.objects.count() == 1


def test_two_workers_and_one_acceptance(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_step, "ITEMS_PER_TRANSACTION", 2)
    for number in range(9):
        a_product(f"T-{number}")
    ingested(jsonl(proposal_line(f"T-{number}") for number in range(9)), job=products_job())
    which = Which.of({"fields": ["price"], "threshold": "0.9"})
    start_acceptance(which, actor=by, reason="Looked at.", intent_id="one")

    race([work_acceptances, work_acceptances])
    while work_acceptances():
        pass

    assert set(AcceptanceItem.objects.values_list("status", flat=True)) == {"accepted"}
    assert set(Product.objects.values_list("version", flat=True)) == {2}


class Deciding(threading.Thread):
    """Accepts a field, and commits when it is told to."""

    def __init__(self, by: User) -> None:
        super().__init__()
        self._by, self._row = by, the_proposal()
        self.accepted, self._release = threading.Event(), threading.Event()
        self.start()
        assert self.accepted.wait(PATIENCE)

    def run(self) -> None:
        try:
            with transaction.atomic():
                accept(self._row.pk, ["price"], actor=self._by, content=self._row.content, seen=1)
                self.accepted.set()
                assert self._release.wait(PATIENCE)
        finally:
            connection.close()

    def commit(self) -> None:
        self._release.set()
        self.join(PATIENCE)


def test_a_file_that_comes_while_a_person_decides_does_not_overwrite_it(by: User) -> None:
    a_product()
    ingested(jsonl([proposal_line()]), "one.jsonl", products_job())
    taken_in(jsonl([proposal_line(price=9)]), "two.jsonl", products_job())
    [claim] = claims()
    person_deciding = Deciding(by)
    chunk = threading.Thread(target=_work_on, args=(claim,))
    chunk.start()
    _wait_until_blocked(chunk)

    person_deciding.commit()
    chunk.join(PATIENCE)

    row = the_proposal()
    assert (str(row.price), row.price_status) == ("1280.00", "accepted")
    assert counts(PRODUCTS_JOB) == {"inserted": 1, "superseded": 1}
    assert DeadLetter.objects.get().kind == "conflict"

"""One transfer and two workers; a product and two writers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from catalog.models import Product, Transfer
from catalog.transfers import run_import
from catalog.transfers.cancel import cancel
from catalog.transfers.confirm import confirm
from catalog.transfers.lease import Heart, claim_transfer
from catalog.transfers.work import work_on, work_transfers
from catalog.transfers.write_rows import write_rows
from tests.concurrency.racing import PATIENCE, race
from tests.transfers import a_person, a_product, begun, checked, counts, csv_of, figures, many, told

pytestmark = pytest.mark.django_db(transaction=True)


class Gate:
    """Somebody arrives, and waits until he is let through."""

    def __init__(self) -> None:
        self.arrived, self.opened = threading.Event(), threading.Event()

    def pass_through(self) -> None:
        self.arrived.set()
        assert self.opened.wait(PATIENCE)


def in_thread(pool: ThreadPoolExecutor, verb: Any, *args: Any, **kwargs: Any) -> Any:
    def run() -> Any:
        try:
            return verb(*args, **kwargs)
        finally:
            connection.close()

    return pool.submit(run)


def running(content: bytes, *, whole: bool = False) -> Transfer:
    return confirm(checked(content).pk, whole=whole, actor=a_person())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Before the second chunk is written, in its transaction."""
    gate, real, calls = Gate(), write_rows, []

    def gated(rows: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            gate.pass_through()
        return real(rows)

    monkeypatch.setattr(run_import, "write_rows", gated)
    return gate


def test_two_workers_claim_it_once() -> None:
    transfer = begun(many(3))

    claims = race([claim_transfer, claim_transfer])

    assert sorted(claim is None for claim in claims) == [False, True]
    assert Transfer.objects.get(pk=transfer.pk).lease == 1


def test_two_workers_write_each_row_once() -> None:
    transfer = running(many(1_200))

    race([work_transfers, work_transfers])

    transfer.refresh_from_db()
    assert (transfer.status, figures(transfer)) == ("finished", counts(added=1_200))
    assert Product.objects.count() == 1_200


def test_a_worker_that_slept_through_its_lease_changes_nothing(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Heart, "_renew", lambda _: None)  # it sleeps with all its threads
    transfer = running(many(1_200))
    with ThreadPoolExecutor(1) as pool:
        sleeper = in_thread(pool, work_transfers)
        assert gate.arrived.wait(PATIENCE)
        # The other's claim ends the sleeper's connection, and with it its chunk.
        Transfer.objects.update(leased_until="2026-01-01T00:00:00Z")
        work_transfers()
        gate.opened.set()
        sleeper.result(PATIENCE)

    transfer.refresh_from_db()
    assert (transfer.status, transfer.lease, figures(transfer)) == ("finished", 3, counts(added=1_200))
    assert Product.objects.count() == 1_200


@pytest.mark.parametrize("whole", [True, False])
def test_after_cancelling_nothing_is_committed_any_more(gate: Gate, whole: bool) -> None:
    transfer = running(many(1_200), whole=whole)
    with ThreadPoolExecutor(1) as pool:
        worker = in_thread(pool, work_transfers)
        assert gate.arrived.wait(PATIENCE)
        cancel(transfer.pk, actor=a_person())
        before = Product.objects.count()
        gate.opened.set()
        worker.result(PATIENCE)

    transfer.refresh_from_db()
    assert transfer.status == "cancelled"
    assert Product.objects.count() == before == (0 if whole else 500)


def test_a_person_who_saves_at_the_same_moment_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import waits for the person's transaction, sees what it left, and refuses its row."""
    a_product("A-1", name="Old")
    transfer = running(csv_of({"sku": "A-1", "name": "From the file"}))
    locked, saved = threading.Event(), threading.Event()

    def save() -> None:
        from django.db import transaction

        with transaction.atomic():
            Product.objects.filter(sku="A-1").update(name="A person's", version=F("version") + 1)
            locked.set()
            assert saved.wait(PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        person = in_thread(pool, save)
        assert locked.wait(PATIENCE)
        worker = in_thread(pool, work_transfers)
        wait_until_blocked()
        saved.set()
        person.result(PATIENCE)
        worker.result(PATIENCE)

    transfer.refresh_from_db()
    assert Product.objects.get().name == "A person's"
    assert figures(transfer) == counts(refused=1)
    assert "version 1, now 2" in told(transfer)[2][""]


def test_two_imports_that_add_the_same_product_add_it_once() -> None:
    first, second = checked(many(400)), checked(many(400))
    for each in (first, second):
        confirm(each.pk, whole=False, actor=a_person())
    claims = [claim for each in (first, second) if (claim := claim_transfer(each.pk))]

    race([partial(work_on, claim) for claim in claims])
    # Whoever came second at the same moment was refused by the database, and is tried again after a pause.
    Transfer.objects.filter(status="running").update(leased_until=None)
    work_transfers()

    results = sorted((figures(Transfer.objects.get(pk=each.pk)) for each in (first, second)), key=str)
    assert results == sorted([counts(added=400), counts(refused=400)], key=str)
    assert Product.objects.count() == 400


def test_confirmed_by_two_people_it_is_done_once() -> None:
    from catalog.transfers.refused import Refused

    transfer, person = checked(many(3)), a_person()

    def try_it() -> str:
        try:
            return str(confirm(transfer.pk, whole=False, actor=person).status)
        except Refused as refusal:
            return str(refusal)

    assert "running" in (answers := race([try_it, try_it]))
    assert any("not to be confirmed" in answer for answer in answers)


def wait_until_blocked() -> None:
    """Until some connection of this database waits for a lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    pause = threading.Event()
    for _ in range(PATIENCE * 100):
        with connection.cursor() as cursor:
            cursor.execute(blocked)
            if cursor.fetchone()[0]:
                return
        pause.wait(0.01)
    raise AssertionError("Nobody waits for a lock.")

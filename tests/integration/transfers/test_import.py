"""A confirmed import: what was shown is what is done, once, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F

from catalog.models import Product, Transfer
from catalog.transfers import run_import
from catalog.transfers.cancel import cancel
from catalog.transfers.confirm import confirm
from catalog.transfers.lease import settle
from catalog.transfers.refused import Refused
from catalog.transfers.work import work_transfers
from catalog.transfers.write_rows import write_rows
from monitoring.models import AuditEntry
from tests.transfers import (
    a_category,
    a_person,
    a_product,
    begun,
    checked,
    counts,
    csv_of,
    figures,
    imported,
    many,
    state,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)
FILE = csv_of(
    {"sku": "a-1", "name": "New", "price": "1,280", "sale_price": "980", "category": "cups", "status": "active"},
    {"sku": "A-2", "name": "Same", "price": "500", "sale_price": "", "category": "", "status": "draft"},
    {"sku": "A-3", "name": "Third", "price": "5", "sale_price": "", "category": "", "status": "draft"},
)


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_shown_is_what_is_done(whole: bool) -> None:
    category = a_category("Cups")
    a_product("A-1", name="Old", price=1000, description="Stays")
    a_product("A-2", name="Same", price=500)

    transfer = imported(FILE, whole=whole)

    assert transfer.status == "finished"
    assert figures(transfer) == transfer.found == counts(added=1, changed=1, same=1)
    assert (transfer.done, transfer.total, transfer.leased_until) == (3, 3, None)
    assert [(row[0], row[1], row[2], int(row[3]), row[4], row[5], row[8], row[10]) for row in state()] == [
        ("A-1", "New", "Stays", 1280, 980, category.pk, "active", 2),
        ("A-2", "Same", "", 500, None, None, "draft", 1),
        ("A-3", "Third", "", 5, None, None, "draft", 1),
    ]


def test_the_moment_of_a_change_is_kept() -> None:
    product = a_product("A-1")
    before = product.updated_at
    product.refresh_from_db()

    imported(csv_of({"sku": "A-1", "name": "New"}))

    after = Product.objects.get()
    assert after.updated_at > product.updated_at
    assert before


def test_the_good_rows_are_taken_without_the_others() -> None:
    transfer = imported(csv_of({"sku": "A", "name": "N", "price": 1}, {"sku": "B", "name": "", "price": 1}))

    assert figures(transfer) == counts(added=1, refused=1)
    assert [row[0] for row in state()] == ["A"]


def test_the_whole_file_is_refused_for_one_row() -> None:
    transfer = checked(csv_of({"sku": "A", "name": "N", "price": 1}, {"sku": "B", "name": "", "price": 1}))

    with pytest.raises(Refused, match="1 row is refused, so the whole file is"):
        confirm(transfer.pk, whole=True, actor=a_person())

    assert state() == []


def test_a_product_that_was_changed_since_the_check_is_not_overwritten() -> None:
    a_product("A-1", name="Old")
    a_product("A-2", name="Old")
    transfer = checked(csv_of({"sku": "A-1", "name": "New"}, {"sku": "A-2", "name": "New"}))
    Product.objects.filter(sku="A-1").update(name="Somebody else's", version=F("version") + 1)

    confirm(transfer.pk, whole=False, actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert figures(transfer) == counts(changed=1, refused=1)
    assert transfer.found == counts(changed=2)
    assert told(transfer) == {2: {"": "It was changed since it was checked (version 1, now 2): check the file again."}}
    assert [row[1] for row in state()] == ["Somebody else's", "New"]


def test_all_or_nothing_is_nothing_then() -> None:
    a_product("A-2", name="Old")
    before_file = [{"sku": f"N-{number}", "name": "N", "price": 1} for number in range(700)]
    transfer = checked(csv_of(*before_file, {"sku": "A-2", "name": "New", "price": 1}))
    Product.objects.filter(sku="A-2").update(version=F("version") + 1)
    before = state()

    confirm(transfer.pk, whole=True, actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert transfer.status == "failed"
    assert transfer.failure.startswith("Nothing was written: row 702 (A-2) is refused now.")
    assert state() == before


def test_what_came_or_went_since_the_check_is_refused() -> None:
    a_product("GONE", name="Old")
    transfer = checked(csv_of({"sku": "GONE", "name": "New", "price": 1}, {"sku": "CAME", "name": "New", "price": 1}))
    Product.objects.all().delete()
    a_product("CAME", name="Theirs")

    confirm(transfer.pk, whole=False, actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert figures(transfer) == counts(refused=2)
    assert "deleted since" in told(transfer)[2][""]
    assert "added by somebody else since" in told(transfer)[3][""]
    assert [row[1] for row in state()] == ["Theirs"]


def test_a_barcode_that_was_taken_since_the_check_is_refused() -> None:
    transfer = checked(csv_of({"sku": "A", "name": "N", "price": 1, "barcode": "4901234567894"}))
    a_product("B", barcode="4901234567894")

    confirm(transfer.pk, whole=False, actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert "is that of B" in told(transfer)[2]["barcode"]


def test_killed_between_chunks_it_goes_on_behind_the_last_row(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []

    def killed(rows: Any) -> Any:
        if len(written) == 2:
            raise KeyboardInterrupt
        found = write_rows(rows)
        written.append([row.number for row in rows])
        return found

    transfer = checked(many(1_700))
    confirm(transfer.pk, whole=False, actor=a_person())
    monkeypatch.setattr(run_import, "write_rows", killed)
    with pytest.raises(KeyboardInterrupt):
        work_transfers()
    transfer.refresh_from_db()
    assert (transfer.status, transfer.done, Product.objects.count()) == ("running", 1_000, 1_000)

    Transfer.objects.update(leased_until=None)
    seen: list[int] = []

    def seen_first(rows: Any) -> Any:
        seen.extend(row.number for row in rows)
        return write_rows(rows)

    monkeypatch.setattr(run_import, "write_rows", seen_first)
    work_transfers()

    transfer.refresh_from_db()
    assert seen == list(range(1_002, 1_702))
    assert (transfer.status, figures(transfer)) == ("finished", counts(added=1_700))
    assert set(Product.objects.values_list("version", flat=True)) == {1}


def test_killed_within_a_chunk_nothing_of_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(claim: Any, **changes: Any) -> None:
        if changes.get("attempts") == 0:
            raise KeyboardInterrupt
        settle(claim, **changes)

    transfer = checked(many(3))
    confirm(transfer.pk, whole=False, actor=a_person())
    with monkeypatch.context() as patched:
        patched.setattr(run_import, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            work_transfers()
    assert Product.objects.count() == 0

    Transfer.objects.update(leased_until=None)
    work_transfers()

    transfer.refresh_from_db()
    assert (transfer.status, Product.objects.count()) == ("finished", 3)


def test_a_worker_that_keeps_dying_is_not_sent_for_ever() -> None:
    transfer = begun(many(3))
    Transfer.objects.update(attempts=3)

    work_transfers()

    transfer.refresh_from_db()
    assert transfer.status == "failed"
    assert transfer.failure.startswith("It was tried 3 times.")


def test_a_file_that_is_not_there_says_so(storage_folder: Any) -> None:
    transfer = begun(many(3))
    (storage_folder / transfer.key).unlink()

    work_transfers()

    transfer.refresh_from_db()
    assert transfer.status == "failed"
    assert "is not in storage any more" in transfer.failure


@pytest.mark.parametrize("when", ["checking", "checked", "running"])
def test_cancelled_nothing_more_is_written(when: str) -> None:
    transfer = begun(many(3)) if when == "checking" else checked(many(3))
    if when == "running":
        confirm(transfer.pk, whole=False, actor=a_person())

    cancel(transfer.pk, actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert (transfer.status, Product.objects.count()) == ("cancelled", 0)
    with pytest.raises(Refused, match="over already"):
        cancel(transfer.pk, actor=a_person())


def test_confirmed_twice_it_is_done_once() -> None:
    transfer = imported(many(3))

    with pytest.raises(Refused, match="it is finished"):
        confirm(transfer.pk, whole=False, actor=a_person())


def test_nothing_to_do_is_not_confirmed() -> None:
    a_product("A-1")

    with pytest.raises(Refused, match="Nothing would be added or changed"):
        confirm(checked(csv_of({"sku": "A-1"})).pk, whole=True, actor=a_person())


def test_each_step_is_in_the_audit_log() -> None:
    transfer = imported(many(3))

    entries = AuditEntry.objects.filter(subject="transfer", subject_id=str(transfer.pk)).order_by("pk")
    assert [entry.action for entry in entries] == ["import", "confirm"]
    assert entries[1].details["found"] == counts(added=3)

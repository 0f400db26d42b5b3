"""What becomes of a line whose transaction exists already: unchanged, updated, or kept because a person reviewed it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection

from batches.models import DeadLetter, Transaction
from tests.builders import (
    a_job,
    balance_of,
    counts,
    ids,
    ids_of,
    image,
    ingested,
    jsonl,
    line,
    receipts,
    run_in_order,
    status_of,
    taken_in,
    the_letter,
    transaction_id,
)

pytestmark = pytest.mark.django_db(transaction=True)


def physical() -> list[tuple[object, ...]]:
    """Where each row lies and which database transaction wrote it: equal only if nobody touched it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text, xmin::text, updated_at FROM batches_transaction ORDER BY id")
        return list(cursor.fetchall())


def confirm(number: int, **changes: object) -> User:
    user = User.objects.create_user("hanako")
    rows = Transaction.objects.filter(pk=transaction_id(image(number)))
    assert rows.update(review="confirmed", reviewed_by=user, **changes) == 1
    return user


def test_the_same_object_again_is_the_same_file() -> None:
    first = ingested(receipts(range(10)))
    before = physical()

    again = ingested(receipts(range(10)))

    assert again == first
    assert physical() == before
    assert counts() == {"inserted": 10}


def test_same_id_same_content_is_unchanged_and_the_row_is_not_touched() -> None:
    ingested(receipts(range(10)))
    before = physical()

    ingested(receipts(range(10)), "again.jsonl")

    assert physical() == before
    assert counts() == {"inserted": 10, "unchanged": 10}
    assert set(Transaction.objects.values_list("revision", flat=True)) == {1}
    assert status_of() == "finished"


def test_the_same_receipt_written_differently_is_unchanged() -> None:
    ingested(jsonl([line(image(1), amount=1280)]))
    before = physical()

    ingested(jsonl([line(image(1), amount="¥1,280", merchant=" セブンイレブン 渋谷店 ")]))

    assert physical() == before
    assert counts() == {"inserted": 1, "unchanged": 1}


def test_same_id_new_content_is_updated_under_the_next_revision() -> None:
    ingested(receipts(range(10)))
    untouched = {row for row in physical() if row[0] != bytes.fromhex(transaction_id(image(3)))}

    file = ingested(jsonl([line(image(number), amount=7 if number == 3 else 1280) for number in range(10)]), "b.jsonl")

    row = Transaction.objects.get(pk=transaction_id(image(3)))
    assert (row.revision, row.amount, row.chunk.file, row.line) == (2, Decimal(7), file, 4)
    assert row.updated_at > row.created_at
    assert untouched <= set(physical())
    assert counts() == {"inserted": 10, "unchanged": 9, "updated": 1}
    assert ids() == ids_of(range(10))


def test_each_correction_counts_a_revision() -> None:
    for amount in (1, 2, 3):
        ingested(jsonl([line(image(1), amount=amount)]))

    row = Transaction.objects.get()
    assert (row.revision, row.amount) == (3, Decimal(3))
    assert counts() == {"inserted": 1, "updated": 2}


def test_a_row_a_person_confirmed_is_kept_and_the_difference_told() -> None:
    ingested(receipts(range(3)))
    user = confirm(1)
    before = physical()

    file = ingested(jsonl([line(image(1), amount=1380, merchant="ローソン"), line(image(2))]), "b.jsonl")

    letter = the_letter()
    assert physical() == before
    assert (letter.kind, letter.code, letter.file, letter.line) == ("conflict", "reviewed_row_differs", file, 1)
    assert letter.transaction_id == transaction_id(image(1))
    assert f"confirmed by {user}" in letter.message
    assert "amount: '1280.00' is stored, the line says '1380.00'" in letter.message
    assert "merchant: 'セブンイレブン 渋谷店' is stored, the line says 'ローソン'" in letter.message
    assert "category" not in letter.message
    assert counts() == {"inserted": 3, "superseded": 1, "unchanged": 1}
    assert balance_of().dead == 0
    assert status_of() == "with_letters"


def test_a_row_a_person_edited_keeps_the_edit_even_against_the_old_content() -> None:
    ingested(receipts([1]))
    confirm(1, amount=Decimal("1200"))

    ingested(receipts([1]), "again.jsonl")

    assert Transaction.objects.get().amount == Decimal("1200")


def test_a_confirmed_row_and_the_same_content_is_unchanged() -> None:
    ingested(receipts([1]))
    confirm(1)
    before = physical()

    ingested(receipts([1]), "again.jsonl")

    assert physical() == before
    assert counts() == {"inserted": 1, "unchanged": 1}
    assert not DeadLetter.objects.exists()


def test_a_rejected_row_is_a_reviewed_one() -> None:
    ingested(receipts([1]))
    Transaction.objects.update(review="rejected")

    ingested(receipts([1], amount=9), "b.jsonl")

    assert the_letter().message.startswith("The transaction was rejected by a person, so it was kept.")
    assert Transaction.objects.get().amount == Decimal(1280)


def test_a_conflict_always_says_what_differs() -> None:
    ingested(receipts([1]))
    confirm(1)

    ingested(receipts([1], extractedAt="2026-02-04T00:00:00Z"), "b.jsonl")

    assert "extracted" in the_letter().message


def test_another_job_about_the_same_image_is_another_transaction() -> None:
    ingested(receipts([1]))

    ingested(receipts([1], amount=9), job=a_job("job-2"))

    assert ids() == {transaction_id(image(1), "job-1"), transaction_id(image(1), "job-2")}
    assert counts("job-1") == counts("job-2") == {"inserted": 1}


@pytest.mark.parametrize("backwards", [False, True])
def test_the_later_file_wins_whichever_is_written_first(backwards: bool) -> None:
    job = a_job()
    taken_in(jsonl([line(image(1), amount=1), line(image(2), amount=5)]), "a.jsonl", job)
    taken_in(jsonl([line(image(1), amount=2), line(image(2), amount=5)]), "b.jsonl", job)

    run_in_order(lambda found: sorted(found, key=lambda claim: claim.file_id, reverse=backwards))

    assert dict(Transaction.objects.values_list("image_id", "amount")) == {image(1): 2, image(2): 5}
    assert counts() == {"inserted": 2, "unchanged": 1, "superseded" if backwards else "updated": 1}

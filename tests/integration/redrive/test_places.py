"""A redriven line keeps its place: later lines and files hold, and so does what a person has reviewed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from batches.models import DeadLetter, Transaction
from tests.builders import (
    counts,
    image,
    ingested,
    jsonl,
    line,
    receipts,
    status_of,
    transaction_id,
)  # fmt: skip
from tests.redrives import (
    a_rule,
    dead_letters,
    outcomes,
    run_redrives,
    started,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_later_file_of_the_job_is_not_overwritten() -> None:
    dead_letters(2)
    ingested(jsonl([line(image(0), amount=9)]), "later.jsonl")

    redrive = started(rule=a_rule())
    run_redrives()

    assert outcomes(redrive) == ["superseded", "inserted"]
    assert Transaction.objects.get(pk=transaction_id(image(0))).amount == Decimal(9)
    assert counts() == {"inserted": 2, "superseded": 1}
    assert status_of() == "finished"


def test_a_later_line_of_the_file_keeps_its_row() -> None:
    ingested(jsonl([line(image(1), date="20/11/2026", amount=1), line(image(1), amount=2)]))

    redrive = started(rule=a_rule())
    run_redrives()

    assert outcomes(redrive) == ["superseded"]
    assert (Transaction.objects.get().amount, counts()) == (Decimal(2), {"inserted": 1, "superseded": 1})


def test_an_earlier_line_of_the_file_is_counted_as_superseded() -> None:
    ingested(jsonl([line(image(1), amount=1), line(image(1), date="20/11/2026", amount=2)]))

    redrive = started(rule=a_rule())
    run_redrives()

    assert outcomes(redrive) == ["updated"]
    assert (Transaction.objects.get().amount, counts()) == (Decimal(2), {"inserted": 1, "superseded": 1})


def test_the_same_record_twice_among_the_letters() -> None:
    ingested(jsonl(line(image(1), date="20/11/2026", amount=amount) for amount in (1, 2, 3)))

    redrive = started(rule=a_rule())
    run_redrives()

    assert outcomes(redrive) == ["superseded", "superseded", "inserted"]
    assert (Transaction.objects.get().amount, counts()) == (Decimal(3), {"inserted": 1, "superseded": 2})


def test_a_reviewed_row_is_kept_and_the_letter_becomes_a_conflict() -> None:
    ingested(receipts([1]), "before.jsonl")
    Transaction.objects.update(review="confirmed")
    ingested(jsonl([line(image(1), date="20/11/2026")]))

    redrive = started(rule=a_rule())
    run_redrives()

    child = DeadLetter.objects.get(status="open")
    assert (child.kind, outcomes(redrive)) == ("conflict", ["conflict"])
    assert "2026-02-03" in child.message
    assert counts() == {"inserted": 1, "superseded": 1}

    # Not reviewed any more, the conflict is settled by the rules, as the line was patched before.
    Transaction.objects.update(review="unreviewed")
    second = started()
    run_redrives()
    assert outcomes(second) == ["updated"]
    assert str(Transaction.objects.get().date) == "2026-11-20"
    assert counts() == {"inserted": 1, "updated": 1}
    assert status_of() == "finished"


def test_a_conflict_is_settled_again_by_the_rules() -> None:
    ingested(receipts([1]), "before.jsonl")
    Transaction.objects.update(review="confirmed")
    ingested(jsonl([line(image(1), amount=7)]))
    assert counts() == {"inserted": 1, "superseded": 1}

    first = started()
    run_redrives()
    assert outcomes(first) == ["conflict"]
    assert DeadLetter.objects.filter(kind="conflict").count() == 2
    assert counts() == {"inserted": 1, "superseded": 1}

    Transaction.objects.update(review="unreviewed")
    second = started()
    run_redrives()
    assert outcomes(second) == ["updated"]
    assert (Transaction.objects.get().amount, counts()) == (Decimal(7), {"inserted": 1, "updated": 1})

"""Machines leave no history: an ingest costs no trigger, and what becomes of its rows later is told all the same."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from batches.letters.discard import discard
from batches.letters.filters import LetterFilter
from batches.letters.group_status import resolve_group
from batches.letters.roll_up import roll_up
from batches.models import DeadLetter, Job, Redrive, Transaction
from batches.pipeline.purge import purge
from batches.review import review
from batches.states import ReviewState
from monitoring.history.context import by_command, on_behalf
from tests.builders import a_job, counts, error_line, image, ingested, jsonl, line, receipts
from tests.integration.history.changes import by_hand, changes, the_change, told
from tests.integration.pages import person
from tests.redrives import a_rule, an_operator, dead_letters, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_ingest_writes_no_history() -> None:
    """Straight copy, merge, letters, conflicts, a job that ends, groups that are brought up to date."""
    job = a_job()
    ingested(jsonl([line(image(1)), line(image(2)), error_line(image(3))]), job=job)
    ingested(receipts([1, 2], amount=5), "later.jsonl", job=job)
    roll_up()

    assert counts()["updated"] == 2
    assert Job.objects.get().status == "with_letters"
    assert not changes()


def test_no_trigger_looks_at_rows_that_are_copied() -> None:
    """Not even at their condition: what is tracked of these tables begins with a change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 4 > 0"
            " AND tgrelid::regclass::text LIKE 'batches_%%'"
        )
        assert {table for (table,) in cursor.fetchall()} == {"batches_job", "batches_redrive", "batches_patchrule"}


def test_ingest_as_a_command_tells_of_the_job_and_of_no_row(tmp_path: Path) -> None:
    """Its statements carry a context: COPY, composed SQL, temporary tables and named cursors do not mind."""
    for name, amount in (("one.jsonl", 1), ("two.jsonl", 2)):
        (tmp_path / name).write_bytes(receipts([1, 2], amount=amount) + jsonl([error_line(image(3))]))
        with by_command(["manage.py", "ingest"]), pytest.raises(SystemExit):
            call_command("ingest", str(tmp_path / name), job="job-1", wait=True, json=True, stdout=StringIO())

    assert Transaction.objects.filter(amount=2).count() == 2
    change = the_change()
    assert (change.pgh_model, change.pgh_label, change.place) == ("batches.job", "added", "manage.py ingest")


def test_expired_rows_go_without_a_word_and_others_do_not() -> None:
    ingested(receipts([1, 2]))
    gone, kept = Transaction.objects.order_by("pk")
    Transaction.objects.filter(pk=gone.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    purge()
    assert not changes()

    by_hand("DELETE FROM batches_transaction")

    change = the_change()
    assert (change.pgh_label, change.pgh_obj_id, change.via) == ("deleted", kept.pk, "outside")
    assert not {"user_id", "merchant", "description", "image_id"} & set(change.before or {})


def test_a_review_is_told() -> None:
    ingested(receipts([1]))
    row, actor = Transaction.objects.get(), person("change_transaction")
    with on_behalf("web", "POST /", user=actor.pk):
        review([row.pk], ReviewState.CONFIRMED, by=actor)

    change = the_change()
    assert (change.pgh_obj_id, change.actor, change.action) == (row.pk, actor, "review")
    assert change.fields == ["review", "reviewed_at", "reviewed_by"]


def test_an_amount_that_is_altered_by_hand_is_told() -> None:
    ingested(receipts([1], amount=1280))

    by_hand("UPDATE batches_transaction SET amount = 1")

    assert told(the_change()) == ("changed", {"amount": 1280.0}, {"amount": 1.0})


@pytest.mark.parametrize("column", ["status = 'failed'", "kind = 'other'"])
def test_a_job_that_is_altered_by_hand_is_told(column: str) -> None:
    a_job()

    by_hand(f"UPDATE batches_job SET {column}")

    assert (the_change().pgh_model, the_change().via) == ("batches.job", "outside")


def test_what_people_do_with_letters_is_told() -> None:
    letters = dead_letters(2)
    actor = an_operator()
    with on_behalf("web", "POST /", user=actor.pk):
        discard(LetterFilter(ids=str(letters[0].pk)), actor=actor, reason="No.")
        resolve_group(letters[1].group_id, actor=actor, reason="Put right.")

    assert [(change.pgh_model, change.after) for change in changes()] == [
        ("batches.deadletter", {"status": "discarded"}),
        ("batches.lettergroup", {"status": "resolved"}),
    ]


def test_a_redrive_is_told_as_far_as_a_person_began_it() -> None:
    dead_letters(2)
    actor = an_operator()
    with on_behalf("web", "POST /", user=actor.pk):
        started(rule=a_rule())
    run_redrives()

    assert not DeadLetter.objects.filter(status="open").exists()
    assert [(change.pgh_model, change.pgh_label) for change in changes()] == [
        ("batches.patchrule", "added"),
        ("batches.redrive", "added"),
    ]
    assert Redrive.objects.get().status == "finished"


def test_an_open_letter_that_is_deleted_by_hand_is_told() -> None:
    (letter,) = dead_letters(1)
    by_hand("DELETE FROM batches_letterevent")
    by_hand("DELETE FROM batches_deadletter")

    change = the_change()
    assert (change.pgh_label, change.pgh_obj_id) == ("deleted", str(letter.pk))
    assert not {"message", "excerpt", "user_id", "record_id", "amount"} & set(change.before or {})

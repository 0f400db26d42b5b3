"""Letters that are not about a line: each kind is put back its own way."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from batches.letters import put_back as registry
from batches.letters.became import Became
from batches.models import Chunk, DeadLetter, Redrive, RedriveItem, ResultFile
from batches.pipeline.hand_back import hand_back
from batches.pipeline.receive import receive
from storage import result_storage
from storage.port import StorageAway
from tests.builders import (
    JOB,
    a_job,
    claims,
    counts,
    ids,
    ids_of,
    ingested,
    landed,
    path_of,
    receipts,
    run_all,
    taken_in,
    the_letter,
)  # fmt: skip
from tests.redrives import let_time_pass, outcomes, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)

KEY = f"batch-output/{JOB}/results.jsonl"


def an_early_event() -> DeadLetter:
    landed(KEY, receipts(range(3)))
    letter = receive(result_storage().bucket_name, KEY, door="event")
    assert isinstance(letter, DeadLetter)
    return letter


def test_an_events_object_is_received_again() -> None:
    letter = an_early_event()
    a_job()

    redrive = started()
    run_redrives()
    run_all()

    letter.refresh_from_db()
    assert (letter.status, outcomes(redrive)) == ("resolved", ["received"])
    assert ids() == ids_of(range(3))


def test_an_event_whose_job_is_still_unknown_fails_again() -> None:
    letter = an_early_event()

    redrive = started()
    run_redrives()

    letter.refresh_from_db()
    item = RedriveItem.objects.get(redrive=redrive)
    assert (letter.status, item.status, item.outcome) == ("open", "failed", "failed_again")
    assert f"Job {JOB} is not known" in item.message


def test_an_event_whose_object_is_gone() -> None:
    an_early_event()
    result_storage().delete(KEY)  # type: ignore[attr-defined]

    redrive = started()
    run_redrives()

    assert outcomes(redrive) == ["unreadable"]


def test_a_poisoned_range_is_halved(settings: Settings) -> None:
    settings.MAX_ATTEMPTS = 1
    taken_in(receipts(range(10)))
    [claim] = claims()
    hand_back(claim.chunk_id, claim.lease, "It killed the worker.", passing=False)

    redrive = started()
    run_redrives()
    run_all()

    assert (outcomes(redrive), the_letter().status) == (["bisected"], "resolved")
    assert counts() == {"inserted": 10}
    assert Chunk.objects.count() == 3


def test_a_file_that_was_replaced_by_a_complete_one() -> None:
    file = ingested(b"")
    landed(file.key, receipts(range(3)))

    redrive = started()
    run_redrives()
    run_all()

    assert (outcomes(redrive), ids()) == (["received"], ids_of(range(3)))
    assert ResultFile.objects.count() == 2
    assert the_letter().status == "resolved"


@pytest.mark.parametrize("gone", [False, True])
def test_a_file_that_is_as_it_was_or_gone(gone: bool) -> None:
    file = ingested(b"")
    if gone:
        path_of(file).unlink()

    redrive = started()
    run_redrives()

    item = RedriveItem.objects.get(redrive=redrive)
    assert (item.status, the_letter().status) == ("failed" if gone else "skipped", "open")
    assert ("Put the file back" if gone else "replace it by a complete one") in item.message


def test_storage_that_is_away_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    an_early_event()
    a_job()

    def away(*_: object) -> None:
        raise StorageAway("The bucket does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr("storage.filesystem.RangedFileStorage.stat", away)
        redrive = started()
        run_redrives()
    redrive.refresh_from_db()
    item = RedriveItem.objects.get(redrive=redrive)
    assert (redrive.status, redrive.last_error) == ("running", "The bucket does not answer.")
    assert (item.status, item.attempts) == ("waiting", 0)

    let_time_pass(redrive)
    run_redrives()
    assert (outcomes(redrive), Redrive.objects.get().last_error) == (["received"], "")


def test_a_verb_that_fails_by_surprise_is_given_up_after_some_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    ingested(b"")

    def broken(letter: DeadLetter) -> Became:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(registry._VERBS, "file", broken)
    redrive = started()
    for _ in range(5):
        run_redrives()
        let_time_pass(redrive)

    item = RedriveItem.objects.get(redrive=redrive)
    assert (item.status, item.outcome, the_letter().status) == ("failed", "unreadable", "open")
    assert "It was tried 3 times" in item.message
    assert "ZeroDivisionError: a bug" in item.message
    redrive.refresh_from_db()
    assert redrive.status == "finished"

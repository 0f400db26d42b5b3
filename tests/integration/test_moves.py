"""Images move when their receipt was read: where to, which ones, what is recorded, and what a failure leaves (Y9)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from batches.layout import dead_letter_key, processed_key
from batches.models import DeadLetter, ImageUpload, ResultFile
from batches.moves import claim as claim_step
from batches.moves import retry
from batches.moves.recover import recover_moves
from batches.moves.start import start_file, start_late
from batches.moves.state import migration_state
from batches.moves.work import move
from batches.pipeline.fail_file import fail_file
from storage import result_storage
from storage.filesystem import RangedFileStorage
from storage.port import ObjectMissing, StorageAway, StorageFault, StorageRefused
from tests.builders import JOB, a_job, error_line, image, ingested, jsonl, line, receipts, taken_in, transaction_id
from tests.moves import PNG, content_of, key_of, keys, the_upload, uploaded
from tests.redrives import a_rule, outcomes, run_redrives, started, wrong_dates

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were to be made; none is made."""
    made: list[float] = []
    monkeypatch.setattr(retry, "time", SimpleNamespace(sleep=made.append))
    return made


def today() -> str:
    return timezone.localdate().isoformat()


def states() -> dict[str, str]:
    return dict(ImageUpload.objects.values_list("image_id", "status"))


def test_images_of_a_finished_file_are_moved() -> None:
    uploaded(range(3))
    ingested(receipts(range(3)))

    assert move() == 3

    assert keys() == {f"processed/{today()}/user-9/{number}.png" for number in range(3)}
    upload = the_upload(1)
    assert (upload.status, upload.moved_key, upload.size) == ("moved", key_of(1, moved=today()), len(PNG))
    assert upload.job
    assert upload.job.job_id == JOB
    assert upload.moved_at
    assert migration_state(upload) == "migrated"
    assert (upload.lease, upload.leased_until) == (None, None)


def test_again_there_is_nothing_to_do() -> None:
    uploaded(range(3))
    file = ingested(receipts(range(3)))
    move()
    before = list(ImageUpload.objects.order_by("pk").values())

    assert (move(), start_file(file.pk), start_late()) == (0, 0, 0)

    assert list(ImageUpload.objects.order_by("pk").values()) == before


def test_nothing_moves_before_the_file_is_finished(small_chunks: None) -> None:
    from batches.pipeline.claim import claim_chunk
    from batches.pipeline.work import work_on

    uploaded(range(3))
    file = taken_in(receipts(range(3)))
    work_on(claim_chunk())  # type: ignore[arg-type]

    assert (move(), start_file(file.pk), start_late()) == (0, 0, 0)
    assert set(states().values()) == {"uploaded"}


def test_an_image_whose_line_is_dead_stays_until_it_is_put_right() -> None:
    uploaded(range(3))
    ingested(jsonl([line(image(0)), error_line(image(1)), line(image(2), amount=-1)]))

    assert move() == 1
    assert states() == {image(0): "moved", image(1): "uploaded", image(2): "uploaded"}

    ingested(receipts([1]), "redriven.jsonl")
    assert move() == 1
    assert keys("uploads/") == {key_of(2)}


def test_the_images_of_a_failed_file_that_were_read_are_moved(small_chunks: None) -> None:
    from batches.pipeline.claim import claim_chunk
    from batches.pipeline.work import work_on

    uploaded(range(3))
    file = taken_in(receipts(range(3)))
    work_on(claim_chunk())  # type: ignore[arg-type]
    fail_file(file.pk, ObjectMissing("It was deleted."))

    assert move() == 1
    assert list(states().values()).count("moved") == 1


def test_a_file_finished_again_is_gone_through_again() -> None:
    """As one is whose poisoned chunk was bisected."""
    from batches.pipeline.finish import finish_file

    file = ingested(receipts(range(2)))
    move()
    uploaded(range(2))
    assert move() == 0
    ResultFile.objects.filter(pk=file.pk).update(status="reading")
    finish_file(file.pk)

    assert move() == 2


def test_an_upload_that_is_told_late_is_found() -> None:
    ingested(receipts(range(3)))
    move()
    uploaded(range(3))

    assert start_late([image(1)]) == 1
    assert move() == 1
    assert start_late() == 2
    assert move() == 2


@pytest.mark.parametrize(
    ("finished", "day"), [("2026-02-03T14:59:59", "2026-02-03"), ("2026-02-03T15:00:00", "2026-02-04")]
)
def test_the_day_in_the_path_is_that_of_the_business(finished: str, day: str) -> None:
    """Finished at 15:00 UTC, it is midnight in Tokyo (Y8); and whenever it is moved, the day stays."""
    uploaded([1])
    file = ingested(receipts([1]))
    ResultFile.objects.filter(pk=file.pk).update(finished_at=datetime.fromisoformat(finished).replace(tzinfo=UTC))

    move()

    assert keys() == {f"processed/{day}/user-9/1.png"}


@pytest.mark.parametrize(
    ("key", "moved"),
    [
        ("uploads/u/a.png", "processed/2026-02-03/u/a.png"),
        ("uploads/u/sub/日本 1.png", "processed/2026-02-03/u/sub/日本 1.png"),
        ("uploads/a.png", None),
        ("images/u/a.png", None),
        ("uploads/../u/a.png", None),
        ("uploads//a.png", None),
        ("uploads/u/", None),
        (f"uploads/u/{'x' * 1012}", None),
    ],
)
def test_where_a_key_is_moved_to(key: str, moved: str | None) -> None:
    assert processed_key(key, date(2026, 2, 3)) == moved


def test_a_key_that_is_no_uploads_is_told_and_left() -> None:
    uploaded([1], key="elsewhere/1.png")
    ingested(receipts([1]))

    assert move() == 0

    assert (the_upload(1).status, the_upload(1).code) == ("failed", "unexpected_key")
    assert "elsewhere/1.png" in keys()


# --- Failures ---


class Breaks:
    """Storage that fails: `faults` are the next answers of a verb, None is a good one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, verb: str, faults: list[StorageFault | None]) -> None:
        self.calls = 0
        original = getattr(RangedFileStorage, verb)

        def asked(storage: Any, *args: Any) -> Any:
            self.calls += 1
            fault = faults.pop(0) if len(faults) > 1 else faults[0]
            if verb == "remove":
                return dict.fromkeys(args[0], fault) if fault else original(storage, *args)
            if fault:
                raise fault
            return original(storage, *args)

        monkeypatch.setattr(RangedFileStorage, verb, asked)


AWAY, REFUSED = StorageAway("S3 answered 503."), StorageRefused("S3 answered AccessDenied.")


def test_a_fault_that_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    uploaded([1])
    ingested(receipts([1]))
    storage = Breaks(monkeypatch, "copy", [AWAY, AWAY, None])

    assert move() == 1

    assert storage.calls == 3
    assert 0.05 <= pauses[0] <= 0.1 <= pauses[1] <= 0.2
    assert DeadLetter.objects.count() == 0


def test_after_three_tries_the_migration_has_failed(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    upload = uploaded([1])[0]
    ingested(receipts([1]))
    storage = Breaks(monkeypatch, "copy", [AWAY])

    assert move() == 0

    assert storage.calls == 3
    assert len(pauses) == 3
    assert 0.2 <= pauses[2] <= 0.4
    upload.refresh_from_db()
    assert (upload.status, upload.code, migration_state(upload)) == ("failed", "storage_away", "migrationFailed")
    assert key_of(1) in keys(), "the source is kept"
    letter = DeadLetter.objects.get()
    assert (letter.kind, letter.code, letter.record_id) == ("image", "storage_away", image(1))
    assert letter.transaction_id == transaction_id(image(1))
    assert letter.trace_id == upload.trace_id
    assert letter.job
    assert letter.job.job_id == JOB
    assert "503" in letter.message


def test_the_letter_lies_in_storage_too(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    Breaks(monkeypatch, "copy", [REFUSED])
    move()

    upload = the_upload(1)
    assert upload.failed_at is not None
    assert upload.letter_key == dead_letter_key(JOB, upload.failed_at, upload.pk)
    assert upload.letter_key.startswith(f"dead-letters/{JOB}/{today()}T")
    told = json.loads(content_of(upload.letter_key))
    assert told["imageId"] == image(1)
    assert told["error"] == "S3 answered AccessDenied."
    assert datetime.fromisoformat(told["timestamp"]) == upload.failed_at
    assert told["transactionId"] == transaction_id(image(1))


def test_a_letter_that_could_not_be_stored_is_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    with monkeypatch.context() as broken:
        Breaks(broken, "copy", [REFUSED])
        Breaks(broken, "put", [AWAY])
        move()
    assert the_upload(1).letter_key == ""

    move()

    assert keys("dead-letters/") == {the_upload(1).letter_key}


@pytest.mark.parametrize("verb", ["copy", "fingerprint"])
def test_a_refusal_is_not_tried_again(monkeypatch: pytest.MonkeyPatch, pauses: list[float], verb: str) -> None:
    uploaded([1])
    ingested(receipts([1]))
    storage = Breaks(monkeypatch, verb, [REFUSED])

    move()

    assert storage.calls == 1
    assert pauses == []
    assert the_upload(1).code == "storage_refused"


def test_a_missing_image_is_not_tried_again(pauses: list[float]) -> None:
    uploaded([1, 2])
    result_storage().remove([key_of(1)])
    ingested(receipts([1, 2]))

    assert move() == 1

    assert pauses == []
    assert (the_upload(1).status, the_upload(1).code) == ("failed", "image_missing")
    assert the_upload(2).status == "moved"


def test_one_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded(range(600))
    ingested(receipts(range(600)))
    result_storage().remove([key_of(7), key_of(300)])

    assert move() == 598

    assert set(ImageUpload.objects.filter(status="failed").values_list("image_id", flat=True)) == {image(7), image(300)}
    assert DeadLetter.objects.filter(kind="image").count() == 2
    assert len(keys("dead-letters/")) == 2


def test_a_copy_that_was_cut_short_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    original, tries = RangedFileStorage.copy, []

    def truncating(storage: Any, source: str, target: str, version: str = "") -> None:
        tries.append(source)
        if len(tries) == 1:
            storage.put(target, BytesIO(PNG[:10]))
        else:
            original(storage, source, target, version)

    monkeypatch.setattr(RangedFileStorage, "copy", truncating)

    assert move() == 1
    assert len(tries) == 2
    assert content_of(key_of(1, moved=today())) == PNG


def test_a_copy_that_is_never_whole_costs_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))

    def truncating(storage: Any, source: str, target: str, version: str = "") -> None:
        storage.put(target, BytesIO(PNG[:10]))

    monkeypatch.setattr(RangedFileStorage, "copy", truncating)

    assert move() == 0
    assert the_upload(1).code == "copy_differs"
    assert key_of(1) in keys()


def test_an_answer_that_was_lost_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy was made, three times, and each time the answer did not arrive."""
    uploaded([1])
    ingested(receipts([1]))
    original = RangedFileStorage.copy

    def mute(storage: Any, *args: Any) -> None:
        original(storage, *args)
        raise AWAY

    monkeypatch.setattr(RangedFileStorage, "copy", mute)

    assert move() == 1
    assert the_upload(1).status == "moved"


def test_a_fault_nobody_thought_of_is_that_images_own(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    Breaks(monkeypatch, "copy", [ZeroDivisionError("what?")])  # type: ignore[list-item]

    assert move() == 0
    assert (the_upload(1).code, the_upload(1).error) == ("unexpected", "ZeroDivisionError: what?")


def test_a_source_that_cannot_be_deleted_is_left_to_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    storage = Breaks(monkeypatch, "remove", [REFUSED])

    assert move() == 0

    assert storage.calls == 1
    upload = the_upload(1)
    assert (upload.status, upload.code, migration_state(upload)) == ("uncleaned", "storage_refused", "migrated")
    assert keys() == {key_of(1), key_of(1, moved=today())}
    assert not DeadLetter.objects.exists()


def test_a_deletion_that_fails_for_a_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded([1])
    ingested(receipts([1]))
    storage = Breaks(monkeypatch, "remove", [AWAY, AWAY, None])

    assert move() == 1
    assert storage.calls == 3
    assert keys("uploads/") == set()


# --- Begun before ---


def test_a_source_that_is_gone_with_its_copy_there_is_done() -> None:
    uploaded([1])
    ingested(receipts([1]))
    result_storage().copy(key_of(1), key_of(1, moved=today()))
    result_storage().remove([key_of(1)])

    assert move() == 1
    assert the_upload(1).status == "moved"


def test_a_source_that_is_gone_with_something_else_there_is_not_done() -> None:
    uploaded([1], size=len(PNG))
    ingested(receipts([1]))
    result_storage().put(key_of(1, moved=today()), BytesIO(b"something else"))
    result_storage().remove([key_of(1)])

    assert move() == 0
    assert the_upload(1).code == "image_missing"


def test_an_image_uploaded_again_under_its_name_is_the_image() -> None:
    """What its event told is no more true: what lies there is copied, and compared with itself."""
    uploaded([1], size=3, version="long gone")
    ingested(receipts([1]))

    assert move() == 1
    assert the_upload(1).size == len(PNG)


@pytest.mark.parametrize("copy_is_there", [True, False])
@pytest.mark.parametrize("source_is_there", [True, False])
def test_one_whose_copy_was_verified_before(copy_is_there: bool, source_is_there: bool) -> None:
    """Its worker was killed before the source was deleted, or before that was recorded."""
    uploaded([1])
    ingested(receipts([1]))
    claimed = claim_step.claim_batch
    for file in ResultFile.objects.all():
        start_file(file.pk)
    assert claimed()
    target = key_of(1, moved=today())
    ImageUpload.objects.update(
        status="copied", moved_key=target, moved_at=timezone.now(), size=len(PNG), lease=None, leased_until=None
    )
    if copy_is_there:
        result_storage().copy(key_of(1), target)
    if not source_is_there:
        result_storage().remove([key_of(1)])

    assert move() == 1

    assert the_upload(1).status == "moved"
    assert keys() == ({target} if copy_is_there or source_is_there else set())


def test_a_lease_that_ran_out_is_no_obstacle_and_records_nothing(settings: Settings) -> None:
    from batches.moves.copy import Copied, NotCopied
    from batches.moves.fail import fail_images
    from batches.moves.record import record_copied, record_moved

    uploaded([1])
    file = ingested(receipts([1]))
    start_file(file.pk)
    slept = claim_step.claim_batch()
    assert slept
    assert claim_step.claim_batch() is None
    ImageUpload.objects.update(leased_until=timezone.now() - timezone.timedelta(seconds=1))  # type: ignore[attr-defined]
    other = claim_step.claim_batch()
    assert other
    copied = Copied(slept.images[0], key_of(1, moved=today()), len(PNG))

    assert record_copied(slept.lease, [copied]) == [], "so it may not delete either"
    assert record_moved(slept.lease, [copied]) == 0
    assert fail_images(slept.lease, [NotCopied(slept.images[0], "x", "x")]) == 0
    assert the_upload(1).status == "due"
    assert record_copied(other.lease, [copied]) == [copied]


def test_an_image_that_kills_its_workers_is_given_up() -> None:
    uploaded([1])
    file = ingested(receipts([1]))
    start_file(file.pk)
    past = timezone.now() - timezone.timedelta(seconds=1)  # type: ignore[attr-defined]
    for _ in range(claim_step.MOST_CLAIMS):
        assert claim_step.claim_batch()
        ImageUpload.objects.update(leased_until=past)
    assert claim_step.claim_batch() is None

    recover_moves()

    assert (the_upload(1).status, the_upload(1).code) == ("failed", "worker_died")
    assert DeadLetter.objects.filter(kind="image", code="worker_died").count() == 1


def test_a_job_says_that_one_of_its_images_waits_for_a_person(storage_folder: Path) -> None:
    uploaded([1])
    job = a_job()
    result_storage().remove([key_of(1)])
    ingested(receipts([1]), job=job)
    move()
    job.refresh_from_db()
    assert job.status == "with_letters"

    result_storage().put(key_of(1), BytesIO(PNG))
    redrive = started()
    run_redrives()
    move()
    job.refresh_from_db()
    assert (outcomes(redrive), job.status, the_upload(1).status) == (["due"], "finished", "moved")
    assert DeadLetter.objects.get().status == "resolved"


def test_an_image_of_a_line_that_is_put_right_is_moved(storage_folder: Path) -> None:
    uploaded([1])
    ingested(wrong_dates([1]))
    move()
    assert states() == {image(1): "uploaded"}

    started(rule=a_rule())
    run_redrives()
    move()
    assert states() == {image(1): "moved"}

"""What a failure leaves of a move: tries, letters, sources that stay, and nobody else held up."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest

from batches.layout import dead_letter_key
from batches.models import DeadLetter, ImageUpload
from batches.moves.state import migration_state
from batches.moves.work import move
from storage import result_storage
from storage.filesystem import RangedFileStorage
from storage.port import StorageAway, StorageFault, StorageRefused
from tests.builders import JOB, image, ingested, receipts, transaction_id
from tests.moves import PNG, content_of, key_of, keys, the_upload, today, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


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

    assert move(seconds=60) == 598

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

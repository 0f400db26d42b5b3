"""Images move when their receipt was read: where to, which ones, what is recorded, and what a failure leaves (Y9)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from batches.layout import processed_key
from batches.models import ImageUpload, ResultFile
from batches.moves.start import start_file, start_late
from batches.moves.state import migration_state
from batches.moves.work import move
from batches.pipeline.fail_file import fail_file
from storage.port import ObjectMissing
from tests.builders import JOB, error_line, image, ingested, jsonl, line, receipts, taken_in
from tests.moves import PNG, key_of, keys, states, the_upload, today, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


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

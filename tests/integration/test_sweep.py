"""The sweep goes on where it was, in both prefixes, page by page."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from batches.models import DeadLetter, ImageUpload, ResultFile, SweepCursor
from batches.pipeline import sweep as sweep_step
from batches.pipeline import sweep_cursor
from batches.pipeline.sweep import sweep
from storage import result_storage
from storage.filesystem import RangedFileStorage
from storage.port import Listed, StorageAway
from tests.builders import a_job, ids, ids_of, landed, receipts, run_all

pytestmark = pytest.mark.django_db(transaction=True)


def images() -> set[str]:
    return set(ImageUpload.objects.values_list("key", flat=True))


def test_an_image_that_no_event_announced() -> None:
    landed("uploads/tanaka/20261119T090000-img-1.png", b"x")

    assert (sweep(), sweep()) == (1, 0)

    upload = ImageUpload.objects.get()
    assert (upload.image_id, upload.user_id, upload.bucket, upload.job) == ("img-1", "tanaka", "local", None)
    assert len(upload.trace_id) == 32


def test_an_image_that_cannot_be_placed_is_one_letter_and_holds_nothing_up() -> None:
    landed("uploads/astray.png", b"x")
    landed("uploads/tanaka/1.png", b"x")

    assert (sweep(), sweep()) == (2, 0)

    assert images() == {"uploads/tanaka/1.png"}
    assert DeadLetter.objects.get().code == "unexpected_key"


def test_a_large_prefix_is_gone_through_in_several_sweeps(settings: Settings) -> None:
    settings.SWEEP_KEYS = 4
    keys = [f"uploads/user-{number % 3}/{number:02}.png" for number in range(10)]
    for key in keys:
        landed(key, b"x")

    assert [sweep() for _ in range(3)] == [4, 4, 2]
    assert images() == set(keys)
    assert SweepCursor.objects.get(prefix="uploads/").after == ""

    landed("uploads/user-0/99.png", b"x")
    assert sum(sweep() for _ in range(3)) == 1


def test_the_next_sweep_goes_on_whoever_runs_it(settings: Settings) -> None:
    """A sweep that was killed in the middle: its cursor is in the database."""
    settings.SWEEP_KEYS = 2
    for number in range(4):
        landed(f"uploads/u/{number}.png", b"x")
    sweep()
    position = sweep_cursor.position("local", "uploads/")

    assert position == "uploads/u/1.png"
    rest = [item.key for item in result_storage().listing("uploads/", position)]
    assert rest == ["uploads/u/2.png", "uploads/u/3.png"]


def test_result_files_do_not_wait_for_a_flood_of_images(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_step, "KEYS_PER_LOOK", 5)
    monkeypatch.setattr(sweep_step, "MOST_NEW", 5)
    a_job()
    for number in range(20):
        landed(f"uploads/u/{number:02}.png", b"x")
    landed("batch-output/job-1/1.jsonl", receipts([1]))

    assert sweep() == 6

    assert ResultFile.objects.count() == 1
    run_all()
    assert ids() == ids_of([1])


def test_the_end_of_a_prefix_is_noted_now_and_then_only() -> None:
    landed("uploads/u/1.png", b"x")
    sweep()
    first = SweepCursor.objects.get(prefix="uploads/").passed_at
    sweep()
    assert SweepCursor.objects.get(prefix="uploads/").passed_at == first

    SweepCursor.objects.update(passed_at=timezone.now() - timedelta(minutes=1))
    sweep()
    recent = timezone.now() - timedelta(seconds=30)
    assert SweepCursor.objects.filter(prefix="uploads/", passed_at__gt=recent).exists()


def test_one_object_that_cannot_be_looked_at_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        landed(f"uploads/u/{number}.png", b"x")
    metadata = RangedFileStorage.metadata

    def failing(self: RangedFileStorage, key: str) -> dict[str, str]:
        if key.endswith("1.png"):
            raise StorageAway("403")
        return metadata(self, key)

    with monkeypatch.context() as patch:
        patch.setattr(RangedFileStorage, "metadata", failing)
        assert sweep() == 2

    assert sweep() == 1


def test_folders_of_a_console_are_no_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = [Listed("uploads/u/", 0, "1"), Listed("batch-output/", 0, "1"), Listed("batch-output/job-1/", 0, "1")]
    monkeypatch.setattr(
        RangedFileStorage,
        "listing",
        lambda self, prefix, after="": (mark for mark in marks if mark.key.startswith(prefix)),
    )

    assert sweep() == 0
    assert not DeadLetter.objects.exists()


def test_memory_does_not_grow_with_the_bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SWEEP_KEYS = 1_000_000
    monkeypatch.setattr(sweep_step, "_unknown_images", lambda bucket, page: [])

    def listing(self: Any, prefix: str, after: str = "") -> Iterator[Listed]:
        for number in range(200_000 if prefix == "uploads/" else 0):
            yield Listed(f"uploads/user/{number:09}.png", 1, f"{number:032}")

    monkeypatch.setattr(RangedFileStorage, "listing", listing)
    tracemalloc.start()
    try:
        sweep()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 * 2**20  # 200,000 names are 40 MB


@pytest.mark.parametrize(
    "after", ["", "a", "uploads/u", "uploads/u/2.png", "uploads/u/sub/x", "uploads/u0", "uploads/v", "z"]
)
def test_a_folder_is_listed_in_the_order_of_its_keys_from_anywhere(after: str, storage_folder: Path) -> None:
    keys = ["uploads/u/1.png", "uploads/u/2.png", "uploads/u/sub/x", "uploads/u.png", "uploads/u0/1.png", "uploads/v"]
    for key in keys:
        landed(key, b"x")
    (storage_folder / "uploads" / "link").symlink_to(storage_folder)

    listed = [item.key for item in result_storage().listing("uploads/", after)]

    assert listed == sorted(key for key in keys if key > after)

"""Images on the move: killed at every step, storage that fails at random, sources that cannot be deleted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db.models import Count
from django.utils import timezone

from batches.models import DeadLetter, ImageUpload, ResultFile
from storage import result_storage
from tests.builders import image, ingested, receipts
from tests.faults.failpoints import MOVES
from tests.faults.faulty_s3 import BUCKET, SECRETS, FaultyS3, faulty_s3
from tests.faults.site import Site, alive
from tests.moves import PNG, content_of, key_of, keys, uploaded

IMAGES = 300  # more than one batch
OPEN = ("uploaded", "due", "copied")


def read(numbers: range) -> None:
    """Their receipts, read by this process; the moving is left to the site's."""
    ingested(receipts(numbers))
    assert ResultFile.objects.get().status == "finished"


def await_moves(site: Site) -> None:
    site.await_(lambda: not ImageUpload.objects.filter(status__in=OPEN).exists(), "the images to be moved", look=True)


def statuses() -> dict[str, int]:
    return dict(ImageUpload.objects.order_by().values_list("status").annotate(Count("pk")))


def assert_all_moved(numbers: range) -> None:
    day = timezone.localdate(ResultFile.objects.get().finished_at).isoformat()
    assert keys() == {key_of(number, moved=day) for number in numbers}
    assert {content_of(key) for key in keys()} == {PNG}
    assert statuses() == {"moved": len(numbers)}
    assert DeadLetter.objects.count() == 0


@pytest.mark.parametrize("step", MOVES)
def test_a_killed_child_leaves_moves_that_are_finished(site: Site, step: str) -> None:
    numbers = range(IMAGES)
    uploaded(numbers)
    read(numbers)
    site.failpoints.arm(step, "kill")
    site.worker()

    killed = site.await_point(step)
    await_moves(site)

    site.await_(lambda: not alive(killed), "its death")
    assert_all_moved(numbers)


@pytest.mark.parametrize("step", ["mid_copy", "after_copied", "after_deleted"])
def test_a_killed_worker_leaves_moves_that_are_finished(site: Site, step: str) -> None:
    numbers = range(IMAGES)
    uploaded(numbers)
    read(numbers)
    site.failpoints.arm(step, "kill_group")
    first = site.worker()

    site.await_point(step)
    first.await_end()
    site.worker()
    await_moves(site)

    assert_all_moved(numbers)


@pytest.mark.parametrize("step", ["before_copied", "after_copied", "after_deleted"])
def test_one_that_sleeps_through_its_lease_does_no_harm(site: Site, step: str) -> None:
    """Stopped, and awake again when another has done its work."""
    numbers = range(IMAGES)
    uploaded(numbers)
    read(numbers)
    site.failpoints.arm(step, "stop")
    first = site.worker(concurrency=1)
    sleeper = site.await_point(step)
    site.worker(concurrency=1)
    await_moves(site)
    before = list(ImageUpload.objects.order_by("pk").values("status", "moved_key", "lease", "error"))

    os.kill(sleeper, signal.SIGCONT)
    site.await_(lambda: "images_moved" in first.output(), "the sleeper's end")

    assert alive(sleeper)
    assert list(ImageUpload.objects.order_by("pk").values("status", "moved_key", "lease", "error")) == before
    assert_all_moved(numbers)


def test_a_letter_in_storage_is_not_lost_with_its_writer(site: Site) -> None:
    uploaded([1])
    result_storage().remove([key_of(1)])
    read(range(1, 2))
    site.failpoints.arm("after_failed", "kill")
    site.worker()

    site.await_point("after_failed")

    site.await_(lambda: not ImageUpload.objects.filter(letter_key="").exists(), "the letter in storage", look=True)
    assert keys("dead-letters/") == {ImageUpload.objects.get().letter_key}
    assert DeadLetter.objects.get().kind == "image"


# --- S3 ---


@pytest.fixture
def storage(site: Site) -> Iterator[FaultyS3]:
    with faulty_s3() as storage:
        site.environment |= SECRETS
        site.environment |= {"STORAGE_BUCKET": BUCKET, "STORAGE_ENDPOINT_URL": storage.url}
        yield storage
        site.end()


def uploaded_to_s3(storage: FaultyS3, numbers: range) -> None:
    for number in numbers:
        storage.put(key_of(number), PNG)
    ImageUpload.objects.bulk_create(
        ImageUpload(
            image_id=image(number), user_id="user-9", bucket=BUCKET, key=key_of(number), trace_id=f"{number + 1:032x}"
        )
        for number in numbers
    )


def test_storage_that_fails_now_and_then_costs_no_image(site: Site, storage: FaultyS3) -> None:
    """Each two-hundredth request is answered 503: 0.5 %."""
    numbers = range(IMAGES)
    uploaded_to_s3(storage, numbers)
    read(numbers)
    storage.every = 200
    site.worker()

    await_moves(site)
    storage.every = 0

    day = timezone.localdate(ResultFile.objects.get().finished_at).isoformat()
    assert statuses() == {"moved": IMAGES}
    # moto's bucket outlives a test: other tests' objects may lie there as well.
    keys = storage.keys()
    assert keys >= {key_of(number, moved=day) for number in numbers}
    assert keys.isdisjoint({key_of(number) for number in numbers})


def test_sources_that_may_not_be_deleted_wait_for_a_person(site: Site, storage: FaultyS3) -> None:
    numbers = range(1000, 1010)  # moto's buckets outlive a test
    uploaded_to_s3(storage, numbers)
    read(numbers)
    storage.denied = 1000
    site.worker()
    await_moves(site)

    assert statuses() == {"uncleaned": 10}
    assert set(ImageUpload.objects.values_list("code", flat=True)) == {"storage_refused"}
    day = timezone.localdate(ResultFile.objects.get().finished_at).isoformat()
    both = {key_of(number, moved=day) for number in numbers} | {key_of(number) for number in numbers}
    assert storage.keys() & both == both

    storage.denied = 0
    User.objects.create_superuser("operator")
    command = site.manage("move_images", "--clean", "--reason=the policy was put right", "--user=operator")
    command.await_end()
    await_moves(site)

    assert statuses() == {"moved": 10}
    assert storage.keys() & both == {key_of(number, moved=day) for number in numbers}

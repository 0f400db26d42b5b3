"""SIGKILL of the scheduler, which is the rescuer, in the middle of a rescue. Nobody else looks in these tests."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from batches.models import Chunk, ResultFile
from tests.builders import a_job, landed, taken_in
from tests.conftest import database_url
from tests.faults.failpoints import RECOVERY
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, at_rest

# Not in the last test: nobody is there to finish what the server cuts off after a second's silence.
short_leases = pytest.mark.usefixtures("short_leases")


@short_leases
@pytest.mark.parametrize("step", RECOVERY)
def test_a_killed_rescuer_is_no_loss(site: Site, step: str) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "kill_group")
    worker = site.worker()
    site.await_point("after_copy")
    worker.await_end()

    site.failpoints.arm(step, "kill_group")
    beat = site.beat()
    site.await_point(step)
    beat.await_end()

    site.beat()
    site.worker()
    site.await_(at_rest, "the files to be read")
    assert_exact(database_url(), night)


@short_leases
@pytest.mark.parametrize("step", ["mid_split", "after_receive"])
def test_a_scheduler_killed_while_it_takes_a_file_in(site: Site, step: str) -> None:
    night = a_night()
    a_job(night.job)
    landed(f"batch-output/{night.job}/results.jsonl", night.content)

    site.failpoints.arm(step, "kill_group")
    beat = site.beat()
    site.await_point(step)
    beat.await_end()
    assert ResultFile.objects.count() == (step == "after_receive")

    site.beat()
    site.worker()
    site.await_(lambda: ResultFile.objects.exists() and at_rest(), "the file to be read")
    assert_exact(database_url(), night)


@short_leases
def test_without_a_scheduler_a_starting_worker_recovers_what_a_dead_one_left(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "kill_group")
    first = site.worker()
    site.await_point("after_copy")
    first.await_end()
    leased = Chunk.objects.filter(leased_until__isnull=False)
    left = Chunk.objects.filter(pk__in=list(leased.values_list("pk", flat=True)))
    site.await_(lambda: not left.filter(leased_until__gt=Now()).exists(), "the dead worker's leases to run out")

    site.worker()
    site.await_(lambda: not left.filter(leased_until__lt=Now()).exists(), "the leases to be taken back")

    # They are tried again after a pause, which the scheduler would look for.
    site.await_rest()
    assert_exact(database_url(), night)


def test_without_a_scheduler_a_starting_worker_goes_on_with_what_is_pending(site: Site) -> None:
    night = a_night()
    taken_in(night.content)

    site.worker()
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)

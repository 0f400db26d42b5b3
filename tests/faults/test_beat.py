"""SIGKILL of the scheduler, which is the rescuer, in the middle of a rescue. Nobody else looks in these tests."""

from __future__ import annotations

import pytest

from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.failpoints import RECOVERY
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, at_rest

pytestmark = pytest.mark.usefixtures("short_leases")


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


def test_without_a_scheduler_a_starting_worker_goes_on_with_what_is_pending(site: Site) -> None:
    night = a_night()
    taken_in(night.content)

    site.worker()
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)

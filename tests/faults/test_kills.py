"""SIGKILL at every named step: of the worker's child, and of the whole worker."""

from __future__ import annotations

import pytest

from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.failpoints import STEPS
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, alive


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_child_loses_and_doubles_nothing(site: Site, step: str) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm(step, "kill")
    site.worker()

    killed = site.await_point(step)
    site.await_rest()

    site.await_(lambda: not alive(killed), "its death")
    assert_exact(database_url(), night)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_worker_loses_and_doubles_nothing(site: Site, step: str) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm(step, "kill_group")
    first = site.worker()

    site.await_point(step)
    first.await_end()
    site.worker()
    site.await_rest()

    assert_exact(database_url(), night)

"""A worker stopped past its lease, its chunk taken by another, then woken: the sleeper changes nothing."""

from __future__ import annotations

import os
import signal

import pytest

from tests.builders import JOB, taken_in
from tests.conftest import database_url
from tests.faults.night import Night, a_night, assert_exact
from tests.faults.site import Process, Site, stopped

pytestmark = pytest.mark.usefixtures("short_leases")


@pytest.mark.parametrize("step", ["after_claim", "before_write", "after_copy", "before_commit", "mid_finish"])
def test_a_sleeper_changes_nothing(site: Site, step: str) -> None:
    night = a_night()
    taken_in(night.content)
    worker = _slept_through(site, step)
    assert_exact(database_url(), night)

    _wake(site, step, worker)

    assert_exact(database_url(), night)


def test_this_suite_notices_a_broken_fence(site: Site) -> None:
    # Without dead lines: their letters have a unique key, which alone would stop the sleeper.
    night = Night([(number, True) for number in range(300)], JOB)
    taken_in(night.content)
    site.environment["FAULTS_BROKEN_FENCE"] = "1"
    worker = _slept_through(site, "before_write")
    assert_exact(database_url(), night)

    _wake(site, "before_write", worker)

    with pytest.raises(AssertionError, match="inserted"):
        assert_exact(database_url(), night)


def _slept_through(site: Site, step: str) -> Process:
    """One child sleeps at the step, the other does its work."""
    site.failpoints.arm(step, "stop")
    worker = site.worker()
    sleeper = site.await_point(step)
    site.await_(lambda: stopped(sleeper), "the sleeper to sleep")
    site.await_rest()
    return worker


def _wake(site: Site, step: str, worker: Process) -> None:
    sleeper = site.failpoints.reached(step)
    assert sleeper is not None
    os.kill(sleeper, signal.SIGCONT)
    # What it had in hand it brings to an end of its own before the worker ends.
    worker.signal(signal.SIGTERM)
    worker.await_end()

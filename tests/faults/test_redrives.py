"""SIGKILL at every step of a redrive, a sleeper, the database gone in the middle: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

from batches import balance
from batches.letters.figures import with_figures
from batches.models import DeadLetter, Job, LetterEvent, LetterGroup, PatchRule, Redrive, RedriveItem, Transaction
from tests.builders import JOB, ids, ids_of, image, ingested, jsonl, line
from tests.faults.failpoints import REDRIVE
from tests.faults.site import Site, alive, stopped
from tests.figures import all_of
from tests.redrives import a_rule, an_operator, started

pytestmark = pytest.mark.usefixtures("short_leases")

LINES = 300
LETTERS = [number for number in range(LINES) if number % 5 == 2]


@pytest.fixture
def redrive(site: Site) -> Redrive:
    """Sixty letters of one group in eleven chunks, to be put right in batches of twenty."""
    site.environment["FAULTS_REDRIVE_BATCH"] = "20"
    wrong = {number: {"date": "20/11/2026"} for number in LETTERS}
    ingested(jsonl(line(image(number), **wrong.get(number, {})) for number in range(LINES)))
    assert DeadLetter.objects.count() == len(LETTERS)
    an_operator()
    return started(rule=a_rule())


def at_end(redrive: Redrive) -> bool:
    """Over, and let go of: a worker commits the end first, and gives its lease back after that."""
    return Redrive.objects.filter(pk=redrive.pk, leased_until=None).exclude(status="running").exists()


def assert_exact(redrive: Redrive) -> None:
    """Every letter was put right once, and everything that counts says so."""
    assert ids() == ids_of(range(LINES))
    assert set(Transaction.objects.values_list("revision", flat=True)) == {1}
    job = Job.objects.get(job_id=JOB)
    told = balance.of_job(job.pk)
    assert (told.read, told.inserted, told.dead, told.holds) == (LINES, LINES, 0, True)
    assert job.status == "finished"
    assert Counter(DeadLetter.objects.values_list("status", flat=True)) == {"resolved": len(LETTERS)}
    events = Counter(LetterEvent.objects.values_list("letter", "name"))
    assert events == {(pk, "put_right"): 1 for pk in DeadLetter.objects.values_list("pk", flat=True)}
    assert Counter(RedriveItem.objects.values_list("status", "outcome")) == {("put_right", "inserted"): len(LETTERS)}
    assert PatchRule.objects.count() == 1
    group = with_figures(LetterGroup.objects.all()).get()
    assert (group.open_now, group.letters_now, group.status) == (0, len(LETTERS), "resolved")
    redrive.refresh_from_db()
    assert (redrive.status, redrive.leased_until) == ("finished", None)
    assert (all_of("batch.redriven").count, all_of("batch.redriven").errors) == (len(LETTERS), 0)


@pytest.mark.parametrize("step", REDRIVE)
def test_a_killed_child_loses_and_doubles_nothing(site: Site, redrive: Redrive, step: str) -> None:
    site.failpoints.arm(step, "kill")
    site.worker()

    killed = _await_point(site, step)
    site.await_(lambda: at_end(redrive), "the redrive's end", look=True)

    site.await_(lambda: not alive(killed), "its death")
    assert_exact(redrive)


@pytest.mark.parametrize("step", ["after_mark", "after_write_back", "before_batch_commit", "after_batch_commit"])
def test_a_killed_worker_loses_and_doubles_nothing(site: Site, redrive: Redrive, step: str) -> None:
    site.failpoints.arm(step, "kill_group")
    first = site.worker()
    _await_point(site, step)
    first.await_end()

    site.worker()
    site.await_(lambda: at_end(redrive), "the redrive's end", look=True)

    assert_exact(redrive)


@pytest.mark.parametrize("step", ["after_redrive_claim", "before_batch", "after_write_back", "before_batch_commit"])
def test_a_sleeper_changes_nothing(site: Site, redrive: Redrive, step: str) -> None:
    site.failpoints.arm(step, "stop")
    worker = site.worker()
    sleeper = _await_point(site, step)
    site.await_(lambda: stopped(sleeper), "the sleeper to sleep")

    site.await_(lambda: at_end(redrive), "the redrive's end", look=True)
    assert_exact(redrive)
    os.kill(sleeper, signal.SIGCONT)
    worker.signal(signal.SIGTERM)
    worker.await_end()

    assert_exact(redrive)


@pytest.mark.parametrize("step", ["after_write_back", "before_items", "before_batch_commit"])
@pytest.mark.parametrize("action", ["cut", "refuse:40P01"])
def test_a_database_that_fails_in_the_middle(site: Site, redrive: Redrive, step: str, action: str) -> None:
    site.failpoints.arm(step, action)
    site.worker()

    _await_point(site, step)
    site.await_(lambda: at_end(redrive), "the redrive's end", look=True)

    assert_exact(redrive)


def test_beat_sees_to_a_redrive_by_itself(site: Site, redrive: Redrive) -> None:
    site.beat()
    site.worker()

    site.await_(lambda: at_end(redrive), "the redrive's end")

    assert_exact(redrive)


def _await_point(site: Site, step: str) -> int:
    site.await_(lambda: site.failpoints.reached(step) is not None, f"failpoint {step}", look=True)
    pid = site.failpoints.reached(step)
    assert pid is not None
    return pid

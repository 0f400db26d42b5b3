"""Wait until a job's files are read; with no worker alive, do the work here, by the same verbs."""

from __future__ import annotations

import time
from collections.abc import Callable

from batches import balance, workers
from batches.balance import Balance
from batches.models import Job, ResultFile
from batches.pipeline.recover import recover
from batches.pipeline.work import work
from batches.states import FileStatus

LOOK_SECONDS = 0.25
ASK_SECONDS = 10.0
PATIENCE = 1.0  # seconds; a busy worker that is taken for dead costs nothing but this process's help


def await_job(job: Job, *, seen: Callable[[Balance], None], alone: Callable[[], None]) -> None:
    """Return when no file of the job is being read. `seen` gets the balance now and then.

    `alone` is called once, when no worker answers and this process starts to work itself.
    """
    asked, working = 0.0, False
    while ResultFile.objects.filter(job=job, status=FileStatus.READING).exists():
        if not working and time.monotonic() - asked > ASK_SECONDS:
            asked = time.monotonic()
            if working := not workers.ask(PATIENCE).workers:
                alone()
        if not (working and _work_a_little()):
            time.sleep(LOOK_SECONDS)
        seen(balance.of_job(job.pk))


def _work_a_little() -> bool:
    if work(seconds=0.5):
        return True
    recover()  # a chunk may be leased to a worker that died
    return False

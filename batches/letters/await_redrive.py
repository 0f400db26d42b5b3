"""Wait until a redrive runs no more; with no worker alive, do the work here, by the same verbs."""

from __future__ import annotations

import time
from collections.abc import Callable

from batches import workers
from batches.letters import progress
from batches.letters.progress import Figures
from batches.letters.work_redrives import work_redrives
from batches.models import Redrive
from batches.pipeline.await_job import ASK_SECONDS, LOOK_SECONDS, PATIENCE
from batches.states import RedriveStatus


def await_redrive(redrive_id: int, *, seen: Callable[[Figures], None], alone: Callable[[], None]) -> Redrive:
    """The redrive when it is finished, cancelled, paused or stopped. `seen` gets its figures now and then.

    `alone` is called once, when no worker answers and this process starts to work itself.
    """
    asked, working = 0.0, False
    while (redrive := Redrive.objects.get(pk=redrive_id)).status == RedriveStatus.RUNNING:
        if not working and time.monotonic() - asked > ASK_SECONDS:
            asked = time.monotonic()
            if working := not workers.ask(PATIENCE).workers:
                alone()
        if not (working and work_redrives(seconds=0.5)):
            time.sleep(LOOK_SECONDS)
        seen(progress.of_redrive(redrive_id))
    return redrive

"""What must not depend on a queue: recovery, the canaries, the alarms, the sweep and the draining of dead letters, run
by the scheduler's and the workers' own processes. Threads of beat look again and again, whatever the broker does; a
worker looks once, when it starts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection

from monitoring import telemetry

# A redrive with a rate is due again after seconds. The look is one query of an index that holds running ones only.
REDRIVE_SECONDS = 1.0

# How soon in a minute its levels are looked at. Where somebody has the minute, it is one look at one row.
LEVEL_SECONDS = 5.0
# How soon a minute is published to CloudWatch that is over and settled.
PUBLISH_SECONDS = 10.0

Step = Callable[[], object]


def watch() -> None:
    """Look again and again, in threads that end with the process. A long listing does not hold up a rescue."""
    from batches.letters.wake_redrives import wake_redrives
    from batches.pipeline.sweep import sweep
    from monitoring.alarms.evaluator import evaluate_due
    from monitoring.channels.look import look_for_notices
    from monitoring.cloudwatch.publish import publish
    from monitoring.levels.look import look_at_levels

    _repeat("watch", look, settings.RECOVER_SECONDS)
    _repeat("redrives", lambda: _attempt(wake_redrives), REDRIVE_SECONDS)
    _repeat("levels", lambda: _attempt(look_at_levels), LEVEL_SECONDS)
    _repeat("alarms", lambda: _attempt(evaluate_due), settings.ALARM_SECONDS)
    if settings.CLOUDWATCH_METRICS:
        _repeat("cloudwatch", lambda: _attempt(publish), PUBLISH_SECONDS)
    _repeat("sweep", lambda: _attempt(sweep), settings.SWEEP_SECONDS)
    _repeat("notices", lambda: _attempt(look_for_notices), settings.NOTIFY_SECONDS)
    for name, step in _queue_looks().items():
        _repeat(name, partial(_attempt, step), settings.DRAIN_SECONDS)


def look() -> None:
    """Recover, roll up the letters' tallies, wake whoever goes on with what waits, send the canaries that are due."""
    from batches.counts.wake import wake_counters
    from batches.letters.discard_later import wake_asked
    from batches.letters.roll_up import roll_up
    from batches.letters.wake_redrives import wake_redrives
    from batches.moves.recover import recover_moves
    from batches.pipeline.recover import recover
    from batches.proposals.wake import wake_acceptances
    from catalog.images.rescue import rescue_images
    from catalog.products.wake_bulk import wake_silent_edits
    from catalog.transfers.wake import wake_transfers
    from monitoring.canary import send_due
    from monitoring.metrics.roll_up import roll_up_metrics
    from monitoring.partitions import keep_partitions

    # Partitions first: a statement planned before one is there, and run after rows moved into it, would miss these.
    _attempt(recover, recover_moves, roll_up, keep_partitions, roll_up_metrics)
    _attempt(wake_redrives, wake_asked, wake_counters, wake_acceptances, wake_silent_edits, wake_transfers)
    _attempt(rescue_images)
    _attempt(send_due)  # last: with the broker away it waits for it
    connection.close()  # a worker forks new children from here, and they must not share it


def _queue_looks() -> dict[str, Step]:
    from batches.doors.dead_rabbit import DeadRabbitQueue
    from batches.doors.look import draining, sqs_looks
    from config.celery import app
    from config.queues import WAKE_UP_DELIVERIES, dead_queue, is_rabbitmq

    looks: dict[str, Step] = dict(sqs_looks())
    if is_rabbitmq(app):
        looks["dead_letters"] = draining(
            lambda: DeadRabbitQueue(app.connection_for_read(), dead_queue(app), WAKE_UP_DELIVERIES + 1).opened(),
            "CELERY_BROKER_URL",
        )
    return looks


def _repeat(name: str, step: Step, pause: float) -> None:
    def run() -> None:
        never = threading.Event()
        while True:
            step()
            never.wait(pause)

    threading.Thread(target=run, name=name, daemon=True).start()


def _attempt(*steps: Step) -> None:
    """Never raises: what goes wrong is logged, and the next look is soon."""
    for step in steps:
        try:
            step()
        except Exception:
            telemetry.fault("watch_failed", step=getattr(step, "__name__", ""))
            # Of this thread; it may have gone stale over a restart of the database.
            connection.close()

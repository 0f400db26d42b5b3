"""The Celery application: wake-ups and schedules. What has to be done is in the database, never in a message."""

from __future__ import annotations

import os

from celery.signals import beat_init, setup_logging, task_prerun, worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

from config.end_once import end_once
from config.queues import DeclareDeadQueue, is_rabbitmq, use_quorum_queues
from monitoring.metrics.of_tasks import tell_of_tasks
from monitoring.traces.sending import TracedCelery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks load every page of the site, of which a worker has none; `manage.py` makes them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

TRANSPORT_ALIASES["sqs"] = "config.sqs:Transport"  # kombu's own does not live through an outage

app = TracedCelery("nightshelf")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(DeclareDeadQueue)
task_prerun.connect(end_once)
tell_of_tasks()


@app.on_after_configure.connect
def use_the_brokers_queues(**_: object) -> None:
    """Only now: the settings must not be asked for while they are being loaded, which imports this module."""
    if is_rabbitmq(app):
        use_quorum_queues(app)


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Connecting is enough: Celery leaves the log handlers alone, so Django's one dictConfig stays the only one."""


@beat_init.connect
def watch_from_beat(**_: object) -> None:
    """The scheduler looks for what dead workers left, by itself: a message could not get through, or be lost."""
    from config.watch import watch

    watch()


@worker_ready.connect
def look_at_start(**_: object) -> None:
    """A worker that starts looks for work that others left, without waiting for the schedule or a message.

    In the main thread, not beside it: the pool forks from here, and never while a lock is held by another thread.
    """
    from config.watch import look

    look()


@worker_shutting_down.connect
def tell_children(**_: object) -> None:
    from batches.pipeline import stop_sign

    stop_sign.show()

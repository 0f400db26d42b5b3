"""The Celery application: wake-ups and schedules. What has to be done is in the database, never in a message."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("nightshelf")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Connecting is enough: Celery leaves the log handlers alone, so Django's one dictConfig stays the only one."""


@worker_ready.connect
def recover_at_start(**_: object) -> None:
    """A worker that starts looks for work that others left, without waiting for the schedule or a message."""
    from batches.tasks import recover, work

    recover.apply_async(ignore_result=True)
    work.apply_async(ignore_result=True)

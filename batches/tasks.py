"""Celery's entry: each task calls one verb. None of them carries what is to be done, the database does."""

from __future__ import annotations

from celery import shared_task

from batches.pipeline import purge as purge_step
from batches.pipeline import sweep as sweep_step
from batches.pipeline import work as work_step


@shared_task(name="batches.work")
def work() -> None:
    work_step.work()


# A sweep that waited in the queue behind its successor is of no use: the successor does the same.
@shared_task(name="batches.sweep", expires=30)
def sweep() -> None:
    sweep_step.sweep()


@shared_task(name="batches.purge")
def purge() -> None:
    purge_step.purge()

"""Celery's entry: each task calls one verb. None of them carries what is to be done, the database does."""

from __future__ import annotations

from celery import shared_task

from batches.counts import place as place_step
from batches.letters import archive, discard_later, work_redrives
from batches.moves import start as start_step
from batches.moves import work as move_step
from batches.pipeline import purge as purge_step
from batches.pipeline import work as work_step
from batches.proposals import work as accept_step


@shared_task(name="batches.work")
def work() -> None:
    work_step.work()


@shared_task(name="batches.purge")
def purge() -> None:
    purge_step.purge()


@shared_task(name="batches.move")
def move() -> None:
    move_step.move()


@shared_task(name="batches.start_late_moves")
def start_late_moves() -> None:
    start_step.start_late()


@shared_task(name="batches.place_counts")
def place_counts() -> None:
    place_step.place_counts()


@shared_task(name="batches.accept_proposals")
def accept_proposals() -> None:
    accept_step.work_acceptances()


@shared_task(name="batches.redrive")
def redrive() -> None:
    work_redrives.work_redrives()


@shared_task(name="batches.archive_letters")
def archive_letters() -> None:
    archive.archive()


@shared_task(name="batches.discard_asked")
def discard_asked(*, entry: int) -> None:
    discard_later.do_asked(entry)

"""Celery's entry: each task calls one verb. None of them carries what is to be done, the database does."""

from __future__ import annotations

from celery import shared_task

from catalog.images import clean_images as clean_step
from catalog.images import make_renditions as make_step
from catalog.images import remove_leftovers as remove_step
from catalog.products import work_bulk


@shared_task(name="catalog.make_renditions")
def make_renditions(*, image: int) -> None:
    make_step.make_renditions(image)


@shared_task(name="catalog.remove_leftovers")
def remove_leftovers() -> None:
    remove_step.remove_leftovers()


@shared_task(name="catalog.clean_images")
def clean_images() -> None:
    clean_step.clean_images()


@shared_task(name="catalog.edit_in_bulk")
def edit_in_bulk(*, edit: int) -> None:
    work_bulk.work_bulk(edit)

"""Celery's entry to stock: each task calls one verb."""

from __future__ import annotations

from celery import shared_task

from inventory.ledger import add_up_demand as demand
from inventory.ledger import low_stock_digest as digest
from inventory.ledger import reconcile as reconciling


@shared_task(name="inventory.reconcile")
def reconcile() -> None:
    """For whoever asked on the page."""
    reconciling.answer_all()


@shared_task(name="inventory.reconcile_nightly")
def reconcile_nightly() -> None:
    reconciling.reconcile()


@shared_task(name="inventory.low_stock_digest")
def low_stock_digest() -> None:
    digest.low_stock_digest()


@shared_task(name="inventory.add_up_demand")
def add_up_demand() -> None:
    demand.add_up_demand()

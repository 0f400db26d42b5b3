"""Do ledger and levels agree? Asked each night, by a person, or on the command line; the answer is a row."""

from __future__ import annotations

import logging

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from kombu.exceptions import OperationalError

from inventory.ledger.compare import Comparison, compare
from inventory.models import Reconciliation
from monitoring import audit, telemetry
from monitoring.models import Notice

PERMISSION = "inventory.add_reconciliation"


def ask(actor: User | AnonymousUser | None) -> Reconciliation:
    """Have it done by a worker: the row waits for the answer, the message is only a wake-up."""
    by = audit.permit(actor, PERMISSION, action="reconcile", subject="stock")
    with transaction.atomic():
        asked = Reconciliation.objects.create(asked_by=by)
        audit.record(by, "reconcile", "stock", asked.pk)
        transaction.on_commit(_wake)
    return asked


def reconcile() -> Reconciliation:
    """One look now. Not within a transaction: it needs a snapshot of its own."""
    asked = Reconciliation.objects.create()
    answer_all()
    asked.refresh_from_db()
    return asked


def answer_all() -> int:
    """One look for all who wait for one. Whoever asks while it looks waits for the next."""
    waiting = list(Reconciliation.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True))
    if not waiting:
        return 0
    found = compare()
    with transaction.atomic():
        # Two workers may have looked at once; the row has one answer.
        rows = Reconciliation.objects.filter(pk__in=waiting, finished_at=None).order_by("pk").select_for_update()
        numbers = [row.pk for row in rows]
        Reconciliation.objects.filter(pk__in=numbers).update(
            as_of=found.at,
            finished_at=Now(),
            levels=found.levels,
            movements=found.movements,
            differing=found.differing,
            differences=found.differences,
        )
        if found.differing and numbers:
            _tell(numbers[-1], found)
    level = logging.ERROR if found.differing else logging.INFO
    telemetry.event(
        "stock_reconciled", level=level, levels=found.levels, movements=found.movements, differing=found.differing
    )
    return len(numbers)


def _wake() -> None:
    """The row is committed and is answered tonight at the latest: a broker that is away is no fault of the page's."""
    from inventory.tasks import reconcile as task

    try:
        task.delay()
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))


def _tell(number: int, found: Comparison) -> None:
    names = ", ".join(f"{row['sku']} at {row['code']}" for row in found.differences[:5])
    Notice.objects.create(
        key=f"reconciliation/{number}",
        topic="stock",
        subject=f"Stock ledger and levels differ: {found.differing:,} of {found.levels:,}",
        body=f"As of {found.at:%Y-%m-%d %H:%M} UTC: {names}{' …' if found.differing > 5 else ''}. Nothing was changed;"
        " docs/operations/stock.md says what to do.",
        link=reverse("admin:inventory_reconciliation_change", args=[number]),
    )

"""Tell a worker of a bulk edit. Losing the message costs seconds, never work: the watch looks for silent ones."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from catalog.models import BulkEdit, BulkStatus
from monitoring import telemetry

SILENT = timedelta(seconds=20)  # a batch takes about one
MOST_MESSAGES = 4


def wake_bulk_edit(edit_id: int) -> None:
    """Never raises: what the caller did is committed, and must not look as if it had failed."""
    from catalog.tasks import edit_in_bulk

    try:
        edit_in_bulk.delay(edit=edit_id)
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))
    except Exception:
        telemetry.fault("wake_refused")


def wake_silent_edits() -> int:
    """A message for each edit of which nobody has done a batch lately, and how many those were."""
    silent = BulkEdit.objects.filter(status=BulkStatus.RUNNING, touched_at__lt=Now() - SILENT)
    edits = list(silent.order_by("touched_at").values_list("pk", flat=True)[:MOST_MESSAGES])
    for edit_id in edits:
        wake_bulk_edit(edit_id)
    return len(edits)

"""Go on with a bulk edit, a thousand products in each transaction.

The edit's row is locked for the length of a batch, and skipped by whoever finds it so: no two workers do the same
batch. Products, refusals, counters, the audit log's entry and how far it is are committed together.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from catalog.models import BulkEdit, BulkRefusal, BulkStatus
from catalog.products.bulk_verbs import VERBS
from catalog.products.outcome import Outcome
from catalog.products.tell_written import tell_written
from monitoring import audit, telemetry
from monitoring.context import carrying

PER_TRANSACTION = 1000


def work_bulk(edit_id: int) -> None:
    """To its end, or until it is cancelled or somebody else works on it."""
    while work_batch(edit_id):
        pass


def work_batch(edit_id: int) -> bool:
    """Do the next batch; whether there is more to do, here."""
    with transaction.atomic():
        free = BulkEdit.objects.select_for_update(skip_locked=True, of=("self",)).select_related("started_by")
        edit = free.defer("ids").filter(pk=edit_id, status=BulkStatus.RUNNING).first()
        if edit is None:
            return False
        with carrying(trace_id=edit.trace_id):
            _do(edit)
    return edit.status == BulkStatus.RUNNING


def _do(edit: BulkEdit) -> None:
    ids = _next(edit)
    outcome = VERBS[edit.verb].do(ids, edit.parameters)
    BulkRefusal.objects.bulk_create(
        BulkRefusal(edit=edit, product_id=pk, why=why) for pk, why in outcome.refused.items()
    )
    edit.done += len(ids)
    _count(edit, outcome)
    tell_written(len(outcome.changed))
    audit.record(
        edit.started_by, f"bulk {edit.verb}", "product", "",
        reason=edit.reason, bulk_edit=edit.pk, changed=outcome.changed, refused=list(outcome.refused),
    )  # fmt: skip
    if edit.status == BulkStatus.FINISHED:
        transaction.on_commit(lambda: telemetry.event("bulk_edit_finished", bulk_edit=edit.pk, changed=edit.changed))


def _next(edit: BulkEdit) -> list[int]:
    """A slice that the database cuts: the whole array is not carried around for each batch."""
    part = f"ids__{edit.done}_{edit.done + PER_TRANSACTION}"
    return list(BulkEdit.objects.values_list(part, flat=True).get(pk=edit.pk) or ())


def _count(edit: BulkEdit, outcome: Outcome) -> None:
    edit.changed += len(outcome.changed)
    edit.same += outcome.same
    edit.refused += len(outcome.refused)
    over = edit.done >= edit.total
    edit.status = BulkStatus.FINISHED if over else BulkStatus.RUNNING
    BulkEdit.objects.filter(pk=edit.pk).update(
        done=edit.done, changed=edit.changed, same=edit.same, refused=edit.refused, status=edit.status,
        touched_at=Now(), **({"finished_at": Now()} if over else {}),
    )  # fmt: skip

"""Begin a bulk edit: the set of products is frozen, and the first batch is done at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from catalog.models import BulkEdit, Product
from catalog.products.bulk_verbs import VERBS
from catalog.products.refused import Refused
from catalog.products.save_product import PERMISSION
from catalog.products.wake_bulk import wake_bulk_edit
from catalog.products.which import ProductFilter
from catalog.products.work_bulk import work_batch
from monitoring import audit
from monitoring.context import carried
from pages.reason import NoReason, checked_reason

MOST = 1_000_000  # numbers of products in one row, eight bytes each
INTENT_CHARS = 64


def start_bulk(
    verb: str,
    which: ProductFilter,
    parameters: Mapping[str, Any],
    *,
    up_to: int,
    intent_id: str,
    reason: str,
    actor: User | AnonymousUser | None,
) -> BulkEdit:
    """Products with numbers up to `up_to`, the newest that was shown. A thousand are done before this returns; what
    is left is a worker's. The same intent again returns what it began; Refused.
    """
    person = audit.permit(actor, PERMISSION, action=f"bulk {verb}", subject="product", reason=reason)
    if begun := BulkEdit.objects.filter(intent_id=intent_id, started_by=person).defer("ids").first():
        return begun
    edit = _begun(verb, which, parameters, up_to, intent_id, reason, person)
    if work_batch(edit.pk):
        # Only now: a worker that found the first batch in hand would leave.
        wake_bulk_edit(edit.pk)
    edit.refresh_from_db(fields=["status", "done", "changed", "same", "refused", "finished_at"])
    return edit


def freezable(which: ProductFilter, up_to: int) -> QuerySet[Product]:
    """What would be frozen now."""
    return which.products().filter(pk__lte=up_to)


def _begun(
    verb: str,
    which: ProductFilter,
    parameters: Mapping[str, Any],
    up_to: int,
    intent_id: str,
    reason: str,
    person: User,
) -> BulkEdit:
    if not 0 < len(intent_id) <= INTENT_CHARS:
        raise Refused("This form was not sent whole: open it again.")
    try:
        why = checked_reason(reason)
    except NoReason as fault:
        raise Refused(fields={"reason": str(fault)}) from fault
    kept = VERBS[verb].checked(parameters)
    try:
        with transaction.atomic():
            edit = _frozen(verb, which, kept, up_to, intent_id, why, person)
            audit.record(person, f"bulk {verb}", "bulk edit", edit.pk, reason=why, total=edit.total, **kept)
    except IntegrityError as fault:
        # The same form at the same moment: the other one has begun it.
        if begun := BulkEdit.objects.filter(intent_id=intent_id, started_by=person).defer("ids").first():
            return begun
        raise Refused("This form was used already: open it again.") from fault
    return edit


def _frozen(
    verb: str, which: ProductFilter, kept: dict[str, Any], up_to: int, intent_id: str, why: str, person: User
) -> BulkEdit:
    ids = list(freezable(which, up_to).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise Refused("No product is like this any more: there is nothing to change.")
    if len(ids) > MOST:
        raise Refused(f"More than {MOST:,} products are like this: narrow them down by a filter.")
    return BulkEdit.objects.create(
        verb=verb, parameters=kept, filters=which.as_dict(), ids=ids, total=len(ids), intent_id=intent_id, reason=why,
        started_by=person, trace_id=carried().get("trace_id", ""),
    )  # fmt: skip

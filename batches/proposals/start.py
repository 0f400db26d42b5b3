"""A bulk acceptance begins: its set is frozen in the transaction that makes it, and a worker is told."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection, transaction

from batches.models import Acceptance
from batches.proposals.decide import PERMISSION
from batches.proposals.fields import Refused
from batches.proposals.wake import wake_acceptances
from batches.proposals.which import Which
from catalog.products.save_product import PERMISSION as CATALOGUE
from monitoring import audit, telemetry
from pages.reason import checked_reason

# One statement: what is frozen is one state of the table, each proposal with the content that it had then.
FREEZE = """
    INSERT INTO batches_acceptanceitem (acceptance_id, proposal_id, content, status, accepted, message)
    SELECT %s, id, content, 'waiting', '{{}}', '' FROM ({chosen}) AS chosen ORDER BY id"""


def start_acceptance(
    which: Which, *, actor: User | AnonymousUser | None, reason: str, intent_id: str
) -> tuple[Acceptance, bool]:
    """The acceptance, and whether it was begun by this very call: a form that is sent twice begins one.

    PermissionDenied, also for whoever may not change products; NoReason; Refused when there is nothing to accept.
    """
    for permission in (PERMISSION, CATALOGUE):
        by = audit.permit(actor, permission, action="accept_many", subject="acceptance", filters=which.as_dict())
    asked = Acceptance(
        fields=list(which.fields), threshold=which.threshold, filters={"job": which.job, "category": which.category},
        reason=checked_reason(reason), intent_id=intent_id, trace_id=telemetry.new_trace(), created_by=by,
    )  # fmt: skip
    if not 0 < len(intent_id) <= 64:
        raise Refused("An acceptance needs an intent id of 1 to 64 characters.")
    try:
        with transaction.atomic():
            if (known := _known(asked)) is not None:
                return known, False
            asked.save(force_insert=True)
            _freeze(asked, which)
            audit.record(
                by, "accept_many", "acceptance", asked.pk, reason=asked.reason, **which.as_dict(), proposals=asked.total
            )
            transaction.on_commit(wake_acceptances)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one has made it.
        if (known := _known(asked)) is None:
            raise
        return known, False
    telemetry.begin("start acceptance", trace_id=asked.trace_id, anchor=True, acceptance=asked.pk).end()
    telemetry.event("acceptance_started", acceptance=asked.pk, proposals=asked.total, trace_id=asked.trace_id)
    return asked, True


def _known(asked: Acceptance) -> Acceptance | None:
    known = Acceptance.objects.filter(intent_id=asked.intent_id).first()
    same = ("fields", "threshold", "filters", "created_by_id")
    if known is not None and any(getattr(known, name) != getattr(asked, name) for name in same):
        raise Refused(f"This was confirmed as acceptance {known.pk} already, with other choices: begin anew.")
    return known


def _freeze(acceptance: Acceptance, which: Which) -> None:
    query, parameters = which.proposals().order_by().values("id", "content").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FREEZE.format(chosen=query), [acceptance.pk, *parameters])
        acceptance.total = cursor.rowcount
    if not acceptance.total:
        raise Refused("No proposal is like this any more: there is nothing to accept.")
    acceptance.save(update_fields=["total"])

"""One batch of an acceptance, in one transaction: products, marks, items and the audit log's entry together.

The acceptance's row is held from the first statement to the commit, so no other worker can go on with it meanwhile;
killed anywhere, the batch was done or is done again. Lock order: acceptance, items, proposals, products by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from batches.models import Acceptance, AcceptanceItem, ProductProposal
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.claim import lease_end
from batches.proposals.decide import PERMISSION
from batches.proposals.judge import Judged, judge, products_of
from batches.proposals.which import Which
from batches.proposals.write import write
from batches.states import AcceptanceStatus, AcceptedStatus
from catalog.models import Product
from catalog.products.add_product import PERMISSION as MAY_ADD
from catalog.products.save_product import PERMISSION as MAY_CHANGE
from monitoring import audit, telemetry

ITEMS_PER_TRANSACTION = 500
CHANGED = "A later file has changed it since this was confirmed."
DECIDED = "Somebody else has decided about it meanwhile."
NOT_ALLOWED = "{who} may not do this any more (permission {permission})."


class LeaseLost(Exception):
    """The acceptance is another worker's by now, or is finished. Nothing was changed."""

    expected = True  # no failure of the step it ends


def accept_some(acceptance_id: int, lease: int) -> int:
    """Accept the next of them and return how many; 0 when it is finished now."""
    with brief_transaction():
        acceptance = _hold(acceptance_id, lease)
        waiting = AcceptanceItem.objects.select_for_update(of=("self",), no_key=True).filter(
            acceptance=acceptance, status=AcceptedStatus.WAITING
        )
        items = list(waiting.order_by("id")[:ITEMS_PER_TRANSACTION])
        if items:
            _accept(acceptance, items)
        else:
            Acceptance.objects.filter(pk=acceptance.pk).update(
                status=AcceptanceStatus.FINISHED, finished_at=Now(), leased_until=None
            )
    telemetry.event("acceptance_advanced", acceptance=acceptance_id, proposals=len(items))
    return len(items)


def _hold(acceptance_id: int, lease: int) -> Acceptance:
    mine = Acceptance.objects.filter(pk=acceptance_id, lease=lease, status=AcceptanceStatus.RUNNING)
    if not mine.update(leased_until=lease_end(), last_error=""):
        raise LeaseLost(f"Lease {lease} of acceptance {acceptance_id} is not valid any more.")
    return mine.select_related("created_by").get()


def _accept(acceptance: Acceptance, items: Sequence[AcceptanceItem]) -> None:
    which = Which.of({"fields": acceptance.fields, "threshold": acceptance.threshold})
    held = ProductProposal.objects.select_for_update(of=("self",), no_key=True)
    wanted = {item.proposal_id: item for item in items}
    proposals = list(held.filter(pk__in=list(wanted)).order_by("pk"))
    same = [proposal for proposal in proposals if proposal.content == wanted[proposal.pk].content]
    _hold_products(same)
    judged = {each.proposal.pk: each for each in judge(same, which.fields_of)}
    for proposal_id, item in wanted.items():
        _settle(item, judged.get(proposal_id), acceptance.created_by)
    AcceptanceItem.objects.bulk_update(items, ["status", "accepted", "message", "finished_at"])
    done = [item for item in items if item.status == AcceptedStatus.ACCEPTED]
    ids: dict[str, Any] = {"first": items[0].pk, "last": items[-1].pk}
    audit.record(
        acceptance.created_by, "accept_batch", "acceptance", acceptance.pk, reason=acceptance.reason, **ids,
        accepted=len(done), refused=len(items) - len(done),
    )  # fmt: skip


def _hold_products(proposals: Sequence[ProductProposal]) -> None:
    """In the order in which everybody locks many of them."""
    numbers = [product.pk for product in products_of(proposals).values()]
    list(Product.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk").values_list("pk"))


def _settle(item: AcceptanceItem, judged: Judged | None, by: User) -> None:
    item.finished_at = Now()
    item.status = AcceptedStatus.REFUSED
    if judged is None:
        item.message = CHANGED
        return
    if not judged.values and not judged.refused:
        item.message = DECIDED
        return
    item.accepted = _written(judged, by)
    item.status = AcceptedStatus.ACCEPTED if item.accepted else AcceptedStatus.REFUSED
    item.message = " ".join(dict.fromkeys(judged.refused.values()))


def _written(judged: Judged, by: User) -> list[str]:
    """The fields that were accepted. A surprise is this one proposal's, and told there: the others go on."""
    needed = [PERMISSION, MAY_CHANGE if judged.product else MAY_ADD]
    missing = [permission for permission in needed if not by.has_perm(permission)]
    if missing:
        told = NOT_ALLOWED.format(who=by.get_username(), permission=missing[0])
        judged.refused |= dict.fromkeys(judged.values, told)
        return []
    try:
        with transaction.atomic():
            return write(judged, actor=by)
    except DatabaseError:
        raise
    except Exception as fault:
        telemetry.fault("proposal_not_accepted", proposal=judged.proposal.pk)
        judged.refused |= dict.fromkeys(judged.values, f"{type(fault).__name__}: {fault}")
        return []

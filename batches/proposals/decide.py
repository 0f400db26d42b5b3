"""A person accepts or rejects fields of one proposal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.models import ProductProposal
from batches.proposals.fields import LABELS, Refused, proposed, status_of
from batches.proposals.judge import judge
from batches.proposals.write import decide, write
from batches.states import FieldStatus, before
from monitoring import audit, telemetry

PERMISSION = "batches.decide_productproposal"
CHANGED = "A later file has changed this proposal since you opened it: look at it again."


class Decided(NamedTuple):
    """`fields` were accepted (or rejected) by this very call; `refused` by field, in sentences."""

    fields: list[str]
    refused: dict[str, str]
    product_id: int | None = None
    created: bool = False


def accept(
    proposal_id: str,
    fields: Sequence[str],
    *,
    actor: User | AnonymousUser | None,
    content: int,
    seen: int | None,
    over: Collection[str] = (),
) -> Decided:
    """Write fields into the product, by the catalogue's own verb; for an unknown SKU, make a draft.

    `content` and `seen` are what the person was shown: the proposal's content, and the product's version (None: there
    was no product). `over`: fields whose change since the proposal is knowingly written over. What cannot be written is
    refused field by field. PermissionDenied, also without the catalogue's permissions; Refused when nothing was done.
    """
    by = audit.permit(actor, PERMISSION, action="accept", subject="proposal", subject_id=proposal_id)
    with transaction.atomic():
        proposal = _held(proposal_id, content)
        wanted = _open(proposal, fields, FieldStatus.ACCEPTED)
        [judged] = judge([proposal], lambda _: wanted, over=over)
        if judged.product is not None and seen is None:
            raise Refused(f"{proposal.sku} has been registered since you opened this page: look at it again.")
        created = judged.product is None
        done = write(judged, actor=by, seen=seen)
        proposal.refresh_from_db(fields=["product"])
        if done:
            told: dict[str, Any] = {
                "fields": done,
                "refused": sorted(judged.refused),
                "over": sorted(set(over).intersection(done)),
            }
            audit.record(by, "accept", "proposal", proposal.pk, **told, sku=proposal.sku, product=proposal.product_id)
    telemetry.event("proposal_accepted", proposal=proposal.pk, fields=len(done), refused=len(judged.refused))
    return Decided(done, judged.refused, proposal.product_id, created and bool(done))


def reject(proposal_id: str, fields: Sequence[str], *, actor: User | AnonymousUser | None, content: int) -> Decided:
    """Nothing of these fields goes into the catalogue. PermissionDenied, Refused."""
    by = audit.permit(actor, PERMISSION, action="reject", subject="proposal", subject_id=proposal_id)
    with transaction.atomic():
        proposal = _held(proposal_id, content)
        wanted = _open(proposal, fields, FieldStatus.REJECTED)
        decide(proposal, wanted, FieldStatus.REJECTED, by)
        audit.record(by, "reject", "proposal", proposal.pk, fields=wanted, sku=proposal.sku)
    telemetry.event("proposal_rejected", proposal=proposal.pk, fields=len(wanted))
    return Decided(wanted, {})


def _held(proposal_id: str, content: int) -> ProductProposal:
    proposal = ProductProposal.objects.select_for_update(of=("self",), no_key=True).filter(pk=proposal_id).first()
    if proposal is None:
        raise Refused(f"There is no proposal {proposal_id}.")
    if proposal.content != content:
        raise Refused(CHANGED)
    return proposal


def _open(proposal: ProductProposal, fields: Sequence[str], status: FieldStatus) -> list[str]:
    """Of the fields asked for, those that may still become that."""
    asked = [name for name in proposed(proposal) if name in fields]
    found = [name for name in asked if status_of(proposal, name) in before(status)]
    if not found:
        names = ", ".join(LABELS[name].lower() for name in asked) or "nothing that is proposed"
        raise Refused(f"There is nothing left to decide: {names} was decided already, perhaps by somebody else.")
    return found

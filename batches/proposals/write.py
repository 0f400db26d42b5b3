"""Accepted fields go into the catalogue by its own verbs, so that versions, checks and history are theirs."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from batches.models import ProductProposal
from batches.proposals.fields import of_product, state_of
from batches.proposals.judge import NEEDED, Judged
from batches.states import FieldStatus
from catalog.models import Product, ProductStatus
from catalog.products import refused as catalogue
from catalog.products.add_product import add_product
from catalog.products.save_product import save_product

# A rule of the catalogue that is about another field than the one that is proposed.
BECAUSE_OF = {"sale_price": "price"}


def write(judged: Judged, *, actor: User, seen: int | None = None) -> list[str]:
    """Write what `judged` says, and mark it on the proposal; return the fields that were accepted.

    What the catalogue refuses is moved to `judged.refused`, and the rest is written. In the caller's transaction, which
    holds the proposal. `seen`: the product's version that the person was shown; its present one when left out.
    """
    while judged.values:
        try:
            with transaction.atomic():
                product_id = _written(judged, actor, seen)
        except catalogue.Refused as why:
            _refuse(judged, why.fields)
        except catalogue.ChangedMeanwhile as why:
            _refuse(judged, {"": f"{why} Load the page again, and look at it."})
        else:
            decide(judged.proposal, list(judged.values), FieldStatus.ACCEPTED, actor, product_id=product_id)
            return list(judged.values)
    return []


def decide(
    proposal: ProductProposal, fields: list[str], status: FieldStatus, actor: User, *, product_id: int | None = None
) -> None:
    """Mark fields of a proposal that the caller holds."""
    for name in fields:
        setattr(proposal, f"{name}_status", str(status))
        setattr(proposal, f"{name}_by", actor)
    proposal.state = str(state_of(proposal))
    marks = {f"{name}_{part}": getattr(proposal, f"{name}_{part}") for name in fields for part in ("status", "by")}
    marks |= {f"{name}_at": Now() for name in fields}
    if product_id is not None:
        marks |= {"product_id": product_id, "base": proposal.base}
    ProductProposal.objects.filter(pk=proposal.pk).update(**marks, state=proposal.state)


def _written(judged: Judged, actor: User, seen: int | None) -> int:
    reason = f"Proposal of job {judged.proposal.job_id}"
    if judged.product is not None:
        version = judged.product.version if seen is None else seen
        save_product(judged.product.pk, judged.values, seen=version, actor=actor, reason=reason)
        return int(judged.product.pk)
    sku = {"sku": judged.proposal.sku, "status": ProductStatus.DRAFT}
    product: Product = add_product({**sku, **judged.values}, actor=actor, reason=reason)
    product.refresh_from_db()
    # From now on this is what it is compared with.
    judged.proposal.base = of_product(product)
    return int(product.pk)


def _refuse(judged: Judged, why: dict[str, str]) -> None:
    """Leave out the fields that the catalogue names; all of them when it names none, or what a new product needs."""
    named = {BECAUSE_OF.get(name, name): sentence for name, sentence in why.items()}
    told = {name: sentence for name, sentence in named.items() if name in judged.values}
    if not told or (judged.product is None and not told.keys().isdisjoint(NEEDED)):
        sentence = " ".join(why.values())
        told = {name: told.get(name, sentence) for name in judged.values}
    judged.refused |= told
    judged.values = {name: value for name, value in judged.values.items() if name not in told}

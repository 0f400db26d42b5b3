"""The fields of a proposal, and what a product says in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from batches.formats.product_answer import FIELDS
from batches.models import ProductProposal
from batches.states import FieldStatus, ProposalState
from catalog.models import Product

LABELS = {"name": "Name", "description": "Description", "category": "Category", "price": "Price"}


class Refused(Exception):
    """In a sentence: why nothing was done, and what to do instead."""


def proposed(proposal: ProductProposal) -> list[str]:
    """The fields that something is proposed for."""
    return [field for field in FIELDS if getattr(proposal, field) is not None]


def undecided(proposal: ProductProposal) -> list[str]:
    return [field for field in proposed(proposal) if status_of(proposal, field) == FieldStatus.WAITING]


def status_of(proposal: ProductProposal, field: str) -> str:
    return str(getattr(proposal, f"{field}_status"))


def confidence_of(proposal: ProductProposal, field: str) -> Decimal | None:
    found: Decimal | None = getattr(proposal, f"{field}_confidence")
    return found


def sure_enough(proposal: ProductProposal, fields: Sequence[str], threshold: Decimal) -> list[str]:
    """Of these fields, those that wait and of which the model was so sure. One it told nothing of is none."""
    waiting = set(undecided(proposal)).intersection(fields)
    return [field for field in FIELDS if field in waiting and (confidence_of(proposal, field) or -1) >= threshold]


def state_of(proposal: ProductProposal) -> ProposalState:
    """Of the whole, by its fields."""
    fields = proposed(proposal)
    waiting = sum(status_of(proposal, field) == FieldStatus.WAITING for field in fields)
    if waiting == len(fields):
        return ProposalState.WAITING
    return ProposalState.PARTLY if waiting else ProposalState.DECIDED


def of_product(product: Product) -> dict[str, str]:
    """As `base` keeps it: a category by its slug, '' for none."""
    category = product.category.slug if product.category else ""
    return {
        "name": product.name,
        "description": product.description,
        "category": str(category),
        "price": f"{product.price:.2f}",
    }


def as_text(proposal: ProductProposal, field: str) -> str:
    """What is proposed, as `of_product` writes it; a category as the model wrote it."""
    value: Any = getattr(proposal, field)
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value or "")

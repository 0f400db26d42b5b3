"""What would come of accepting fields of proposals: what is written, and what is refused and why. Writes nothing.

Four queries for any number of proposals; pages, previews and the verbs that write ask the same question here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Upper

from batches.models import ProductProposal
from batches.proposals.categories import Categories
from batches.proposals.fields import LABELS, as_text, of_product
from catalog.models import Category, Product

NEEDED = ("name", "price")
UNKNOWN = "{sku} is not in the catalogue: accept its name and its price together, and it becomes a draft."
CHANGED = "{label} was changed since the proposal came: it was {was}, and is {now} now."
REGISTERED = "{sku} was registered since the proposal came: compare them, and accept {label} over what is there."


@dataclass
class Judged:
    """`values`: by field what the catalogue is given. `refused`: by field, in a sentence. `product` None: a new one."""

    proposal: ProductProposal
    product: Product | None
    values: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def creates(self) -> bool:
        return self.product is None and bool(self.values)


def judge(
    proposals: Sequence[ProductProposal],
    fields_of: Callable[[ProductProposal], Sequence[str]],
    *,
    over: Collection[str] = (),
) -> list[Judged]:
    """`fields_of` says which fields are asked for; `over`: in which a change made since is knowingly written over."""
    products = products_of(proposals)
    categories = Categories(proposal.category for proposal in proposals if proposal.category)
    return [
        _judged(proposal, products.get(proposal.sku.upper()), fields_of(proposal), categories, over)
        for proposal in proposals
    ]


def products_of(proposals: Sequence[ProductProposal]) -> dict[str, Product]:
    """By SKU in capitals, with their categories."""
    skus = {proposal.sku.upper() for proposal in proposals}
    found = Product.objects.select_related("category").alias(upper=Upper("sku")).filter(upper__in=skus)
    return {product.sku.upper(): product for product in found}


def changed_since(proposal: ProductProposal, product: Product) -> dict[str, str]:
    """The fields that say something else than when the proposal came, in sentences."""
    now = of_product(product)
    if proposal.base is None:
        return {name: REGISTERED.format(sku=proposal.sku, label=LABELS[name].lower()) for name in LABELS}
    return {
        name: CHANGED.format(label=LABELS[name], was=_shown(proposal.base.get(name)), now=_shown(now[name]))
        for name in LABELS
        if proposal.base.get(name) != now[name]
    }


def _judged(
    proposal: ProductProposal,
    product: Product | None,
    fields: Sequence[str],
    categories: Categories,
    over: Collection[str],
) -> Judged:
    judged = Judged(proposal, product)
    changed = changed_since(proposal, product) if product else {}
    for name in fields:
        value = _value(proposal, name, categories)
        if isinstance(value, _No):
            judged.refused[name] = value.why
        elif product and name in changed and name not in over and not _there_already(product, name, value):
            judged.refused[name] = changed[name]
        else:
            judged.values[name] = value
    if product is None and not set(NEEDED).issubset(judged.values):
        judged.refused = {name: UNKNOWN.format(sku=proposal.sku) for name in judged.values} | judged.refused
        judged.values = {}
    return judged


@dataclass(frozen=True)
class _No:
    why: str


def _value(proposal: ProductProposal, name: str, categories: Categories) -> Any:
    if name != "category":
        return getattr(proposal, name)
    found = categories.find(proposal.category or "")
    return _No(found) if isinstance(found, str) else found


def _there_already(product: Product, name: str, value: Any) -> bool:
    """Somebody has changed it to just what is proposed."""
    if isinstance(value, Category):
        return bool(product.category_id == value.pk)
    return bool(getattr(product, name) == value)


def _shown(value: Any) -> str:
    text = str(value or "")
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”" if text else "empty"


def change_of(judged: Judged, name: str) -> tuple[str, str]:
    """(before, after) of a field, as a page shows it."""
    was = of_product(judged.product)[name] if judged.product else ""
    value = judged.values.get(name)
    return was, value.slug if isinstance(value, Category) else as_text(judged.proposal, name)

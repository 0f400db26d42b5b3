"""The verbs that a bulk edit may be, by name: what each is asked with, how it is told, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import BulkVerb, Category, ProductStatus
from catalog.products.change_category import change_category
from catalog.products.change_prices import change_prices
from catalog.products.change_status import change_status
from catalog.products.outcome import Outcome
from catalog.products.price_rule import PriceRule
from catalog.products.refused import Refused

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Verb:
    """`checked` gives parameters as they are kept, or raises Refused; `told` says them; `do` does one batch."""

    checked: Callable[[Parameters], dict[str, Any]]
    told: Callable[[Parameters], str]
    do: Callable[[Sequence[int], Parameters], Outcome]


def _category(parameters: Parameters) -> dict[str, Any]:
    pk = parameters.get("category")
    if pk and not Category.objects.filter(pk=pk).exists():
        raise Refused(fields={"category": "This category was deleted meanwhile: choose another one."})
    return {"category": int(pk) if pk else None}


def _told_category(parameters: Parameters) -> str:
    pk = parameters["category"]
    name = Category.objects.filter(pk=pk).values_list("name", flat=True).first() if pk else None
    return f"category {name or '(deleted)'}" if pk else "no category"


def _status(parameters: Parameters) -> dict[str, Any]:
    if parameters.get("status") not in ProductStatus.values:
        raise Refused(fields={"status": f"Choose one of {', '.join(ProductStatus.values)}."})
    return {"status": parameters["status"]}


VERBS: dict[str, Verb] = {
    BulkVerb.PRICES: Verb(
        lambda parameters: PriceRule.of(parameters).as_dict(),
        lambda parameters: str(PriceRule.of(parameters)),
        lambda ids, parameters: change_prices(ids, PriceRule.of(parameters)),
    ),
    BulkVerb.CATEGORY: Verb(
        _category, _told_category, lambda ids, parameters: change_category(ids, parameters["category"])
    ),
    BulkVerb.STATUS: Verb(
        _status,
        lambda parameters: f"status {ProductStatus(parameters['status']).label.lower()}",
        lambda ids, parameters: change_status(ids, parameters["status"]),
    ),
}

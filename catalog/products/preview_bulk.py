"""What a bulk edit of prices would do, of the first products; and how many products are meant at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Max

from catalog.models import Product
from catalog.products.price_rule import PriceRule, Prices
from catalog.products.start_bulk import freezable
from catalog.products.which import ProductFilter

MOST_COUNTED = 10_000
LOOKED_AT = 2_000  # a page has 200 ms
SHOWN = 20


@dataclass(frozen=True)
class Line:
    product: Product
    after: Prices
    fault: str

    @property
    def price_changes(self) -> bool:
        return self.after[0] != self.product.price

    @property
    def sale_price_changes(self) -> bool:
        return self.after[1] != self.product.sale_price


@dataclass
class Preview:
    """`looked_at` products of all: of `changed`, `same` and `refused`, some are in `lines` and `refusals`."""

    looked_at: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    lines: list[Line] = field(default_factory=list)
    refusals: list[Line] = field(default_factory=list)


def newest_of(which: ProductFilter) -> int:
    """The set is frozen here: what is added after it was shown is not swept in."""
    newest: int | None = which.products().aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def counted(which: ProductFilter, up_to: int) -> int:
    """MOST_COUNTED + 1 for more than that."""
    return freezable(which, up_to)[: MOST_COUNTED + 1].count()


def first_of(which: ProductFilter, up_to: int) -> list[Product]:
    found = freezable(which, up_to).order_by("-pk").select_related("category")
    return list(found.defer("description", "folded", "pairs")[:SHOWN])


def preview_prices(which: ProductFilter, up_to: int, rule: PriceRule) -> Preview:
    """The newest LOOKED_AT. Which of the others are refused is told when it is done."""
    seen = Preview()
    rows = freezable(which, up_to).order_by("-pk").only("sku", "name", "price", "sale_price")[:LOOKED_AT]
    for product in rows:
        old: Prices = (product.price, product.sale_price)
        new = rule.applied(old)
        line = Line(product, new, rule.fault(old, new))
        seen.looked_at += 1
        if line.fault:
            seen.refused += 1
            _keep(seen.refusals, line)
        elif new == old:
            seen.same += 1
        else:
            seen.changed += 1
            _keep(seen.lines, line)
    return seen


def _keep(lines: list[Line], line: Line) -> None:
    if len(lines) < SHOWN:
        lines.append(line)

"""How a bulk edit makes a new price of an old one. Pure: no database.

Percent or an amount is put on, then the outcome is rounded to the nearest multiple of `step`, halves up: 10 % off 995
is 895.5, and with a step of 1 that is 896. Rounding comes last, and once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from catalog.products.check import MOST_PRICE
from catalog.products.refused import Refused

STEPS = ("0.01", "1", "10", "100")
WAYS = ("percent", "amount")
TARGETS = ("price", "sale_price", "both")
LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(1000)
Prices = tuple[Decimal, Decimal | None]


@dataclass(frozen=True)
class PriceRule:
    target: str
    way: str
    value: Decimal
    step: Decimal

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> PriceRule:
        """From a form or from what is kept of a bulk edit; Refused, by field."""
        for name, known in (("target", TARGETS), ("way", WAYS), ("step", STEPS)):
            if parameters.get(name) not in known:
                raise Refused(fields={name: f"Choose one of {', '.join(known)}."})
        try:
            value = Decimal(str(parameters.get("value")))
        except InvalidOperation:
            value = Decimal("NaN")
        rule = cls(parameters["target"], parameters["way"], value, Decimal(parameters["step"]))
        rule._check()
        return rule

    def as_dict(self) -> dict[str, str]:
        return {"target": self.target, "way": self.way, "value": str(self.value), "step": str(self.step)}

    def applied(self, prices: Prices) -> Prices:
        """The prices it makes of these, whether a product may have them or not. No sale price stays none."""
        price, sale = prices
        if self.target in ("price", "both"):
            price = self._new(price)
        if self.target in ("sale_price", "both") and sale is not None:
            sale = self._new(sale)
        return price, sale

    def fault(self, old: Prices, new: Prices) -> str:
        """Why a product cannot have the new prices, and what would help; '' when it can."""
        price, sale = new
        if self.target == "sale_price" and old[1] is None:
            return "It has no sale price to change."
        for name, amount in (("price", price), ("sale price", sale)):
            if amount is not None and amount < 0:
                return f"The {name} would be {amount:,}, below 0."
            if amount is not None and amount > MOST_PRICE:
                return f"The {name} would be {amount:,}: {MOST_PRICE:,} is the most."
        if sale is not None and sale > price:
            return f"The sale price {sale:,} would be above the price {price:,}. Change both, or end the sale first."
        return ""

    def __str__(self) -> str:
        what = {"price": "price", "sale_price": "sale price", "both": "price and sale price"}[self.target]
        by = f"{self.value:+,} %" if self.way == "percent" else f"{self.value:+,}"
        return f"{what} {by}, rounded to {self.step}, halves up"

    def _new(self, old: Decimal) -> Decimal:
        raised = old * (100 + self.value) / 100 if self.way == "percent" else old + self.value
        steps = (raised / self.step).quantize(Decimal(1), ROUND_HALF_UP)
        return (steps * self.step).quantize(Decimal("0.01"))

    def _check(self) -> None:
        if not self.value.is_finite():
            raise Refused(fields={"value": "Write a number, with a minus to lower the prices: -10 or 150."})
        if self.value == 0:
            raise Refused(fields={"value": "0 would change nothing."})
        if self.way == "percent" and not LEAST_PERCENT <= self.value <= MOST_PERCENT:
            raise Refused(
                fields={"value": f"{self.value} %: between {LEAST_PERCENT} and {MOST_PERCENT} can be put on."}
            )
        if abs(self.value) > MOST_PRICE:
            raise Refused(fields={"value": f"{self.value:,} is more than a price can have."})

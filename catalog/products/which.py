"""Which products are meant: the one definition of the list's filters, for the list and whatever works in bulk.

Each is answered by an index; docs/architecture.md names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet

from catalog.fold import narrow
from catalog.models import Category, Product, ProductStatus
from catalog.search import matching

Products = QuerySet[Product]
MOST_IDS = 10_000
IN_ADDRESS = {"q": "text"}
NO_CATEGORY = "none"


class BadFilter(ValueError):
    """In a sentence: what cannot be filtered by, and how it is written instead."""


@dataclass(frozen=True)
class ProductFilter:
    """All that is given must hold; '' is not given. Everything is text, as an address and a form have it.

    `ids` are numbers with commas between, `text` what is searched for, `category` a category's number, with all below
    it, or `none`; `new`, `featured`, `on_sale` and `barcode` are yes or no.
    """

    ids: str = ""
    text: str = ""
    category: str = ""
    status: str = ""
    new: str = ""
    featured: str = ""
    on_sale: str = ""
    barcode: str = ""
    price_from: str = ""
    price_to: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> ProductFilter:
        """From an address's parameters, or `as_dict`. Other names are left out; BadFilter."""
        names = {field.name for field in fields(cls)}
        named = {IN_ADDRESS.get(name, name): str(value).strip() for name, value in values.items() if value is not None}
        made = cls(**{name: value for name, value in named.items() if name in names})
        made.products()
        return made

    def as_dict(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    def products(self, among: Products | None = None) -> Products:
        """Those that are meant, unsorted and not read yet. BadFilter."""
        found = Product.objects.order_by() if among is None else among
        for name, value in self.as_dict().items():
            found = BY[name](found, value)
        return found

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.as_dict().items()) or "all"


def by_category(products: Products, value: str) -> Products:
    """With everything below it. The numbers are looked up first: the planner can use the index of categories."""
    if value == NO_CATEGORY:
        return products.filter(category=None)
    path = Category.objects.filter(pk=_number(value, "category")).values_list("path", flat=True).first()
    if path is None:
        return products.none()
    below = list(Category.objects.order_by().filter(path__startswith=path).values_list("pk", flat=True))
    return products.filter(category__in=below)


def _by_ids(products: Products, text: str) -> Products:
    ids = [_number(part.strip(), "ids") for part in text.split(",") if part.strip()]
    if len(ids) > MOST_IDS:
        raise BadFilter(f"`ids` names {len(ids):,} products, more than {MOST_IDS:,}: choose them by a filter instead.")
    return products.filter(pk__in=ids)


def _by_status(products: Products, value: str) -> Products:
    if value not in ProductStatus.values:
        raise BadFilter(f"`status` is {value!r}: use one of {', '.join(ProductStatus.values)}.")
    return products.filter(status=value)


def _either(name: str, yes: Q, no: Q) -> Callable[[Products, str], Products]:
    def matching(products: Products, value: str) -> Products:
        if value not in ("yes", "no"):
            raise BadFilter(f"`{name}` is {value!r}: write yes or no.")
        return products.filter(yes if value == "yes" else no)

    return matching


def _by_price(lookup: str) -> Callable[[Products, str], Products]:
    def matching(products: Products, value: str) -> Products:
        try:
            price = Decimal(narrow(value).replace(",", ""))
        except InvalidOperation:
            price = Decimal("NaN")
        if not price.is_finite():
            raise BadFilter(f"The price {value!r} is not a number: write 1280 or 1280.50.")
        return products.filter(**{lookup: price})

    return matching


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadFilter(f"`{name}` is {text!r}: write a number.")
    return int(text)


BY: dict[str, Callable[[Products, str], Products]] = {
    "ids": _by_ids,
    "text": matching,
    "category": by_category,
    "status": _by_status,
    "new": _either("new", Q(is_new=True), Q(is_new=False)),
    "featured": _either("featured", Q(is_featured=True), Q(is_featured=False)),
    "on_sale": _either("on_sale", Q(sale_price__isnull=False), Q(sale_price__isnull=True)),
    "barcode": _either("barcode", ~Q(barcode=""), Q(barcode="")),
    "price_from": _by_price("price__gte"),
    "price_to": _by_price("price__lte"),
}

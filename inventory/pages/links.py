"""Addresses of the stock pages."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def posting(pk: object) -> str:
    return reverse("admin:inventory_stockposting_change", args=[pk])


def posting_line(pk: object, line: int) -> str:
    """The posting, from that line on."""
    return _with(posting(pk), {"after": line - 1 if line > 1 else ""})


def postings(**filters: object) -> str:
    return _with(reverse("admin:inventory_stockposting_changelist"), filters)


def level(pk: object) -> str:
    return reverse("admin:inventory_stocklevel_change", args=[pk])


def levels(**filters: object) -> str:
    return _with(reverse("admin:inventory_stocklevel_changelist"), filters)


def movements(**filters: object) -> str:
    return _with(reverse("admin:inventory_stockmovement_changelist"), filters)


def history(product: object, **filters: object) -> str:
    return _with(reverse("admin:inventory_history", args=[product]), filters)


def adjust(product: object = "", location: object = "") -> str:
    return _with(reverse("admin:inventory_adjust"), {"product": product, "location": location})


def stocktake(pk: object, page: str = "", **filters: object) -> str:
    name = f"inventory_stocktake_{page}" if page else "inventory_stocktake_change"
    return _with(reverse(f"admin:{name}", args=[pk]), filters)


def register(code: str) -> str:
    """Where a product that nobody knows yet is made, with its code filled in; '' where there is no such page."""
    address = _address("admin:catalog_product_add")
    return address and _with(address, {"barcode" if code.isdigit() and len(code) in (8, 12, 13, 14) else "sku": code})


def page(model: str, pk: object, app: str = "inventory") -> str:
    """'' for what has no page."""
    return _address(f"admin:{app}_{model}_change", pk) if pk else ""


def product(pk: object) -> str:
    return page("product", pk, "catalog")


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _with(address: str, filters: dict[str, object]) -> str:
    given = {name: value for name, value in filters.items() if value not in ("", None)}
    return f"{address}?{urlencode(given)}" if given else address

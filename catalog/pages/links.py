"""Addresses of the catalogue's pages, and of pages of apps above it that may not be there."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from catalog.products.which import ProductFilter


def page(model: str, pk: object) -> str:
    return reverse(f"admin:catalog_{model}_change", args=[pk])


def products(which: ProductFilter | None = None) -> str:
    """The list, filtered by the same names."""
    address = reverse("admin:catalog_product_changelist")
    return f"{address}?{_query(which)}" if which and which.as_dict() else address


def bulk(verb: str, which: ProductFilter) -> str:
    address = reverse("admin:catalog_product_bulk", args=[verb])
    return f"{address}?{_query(which)}" if which.as_dict() else address


def delete_products() -> str:
    return reverse("admin:catalog_product_delete_many")


def adjust(product_id: int) -> str:
    """Where stock is adjusted; '' when no app offers it."""
    try:
        return f"{reverse('admin:inventory_adjust')}?product={product_id}"
    except NoReverseMatch:
        return ""


def _query(which: ProductFilter) -> str:
    query = QueryDict(mutable=True)
    query.update({"q" if name == "text" else name: value for name, value in which.as_dict().items()})
    return query.urlencode()

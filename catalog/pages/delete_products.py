"""Deleting products: asked about first, and done one by one, so that one with a history is archived in its place."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from catalog.models import Product
from catalog.pages import links
from catalog.products.delete_product import PERMISSION, Fate, delete_product
from catalog.products.refused import Refused
from catalog.products.which import BadFilter, ProductFilter
from monitoring import audit
from pages.confirm import ReasonForm, confirm_page

MOST = 50
TEXT = (
    "What nothing refers to is gone for good, with its pictures. What has a history (stock, movements, counts) cannot"
    " be deleted without making that history untrue: it is archived instead, and told of."
)


def delete_page(request: HttpRequest, admin: Any, which: ProductFilter) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="delete", subject="product", subject_id=which.ids[:64])
    try:
        products = list(which.products().order_by("pk")[: MOST + 1]) if which.ids else []
    except BadFilter as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(links.products())
    if not 0 < len(products) <= MOST:
        messages.warning(request, f"Choose between 1 and {MOST} products to delete.")
        return HttpResponseRedirect(links.products())
    form = ReasonForm(request.POST or None)
    facts = [(product.sku, product.name, links.page("product", product.pk)) for product in products]
    if form.is_valid():
        _delete(request, products, form.cleaned_data["reason"])
        return HttpResponseRedirect(links.products())
    back = links.page("product", products[0].pk) if len(products) == 1 else links.products()
    what = str(products[0]) if len(products) == 1 else f"{len(products)} products"
    return confirm_page(
        request, admin, form, heading=f"Delete {what}", text=TEXT, button="Delete", danger=True, back=back,
        crumb="Products", facts=facts,
    )  # fmt: skip


def _delete(request: HttpRequest, products: list[Product], reason: str) -> None:
    gone = 0
    for product in products:
        try:
            done = delete_product(product.pk, actor=request.user, reason=reason)
        except Refused as refusal:
            messages.warning(request, f"{product}: {refusal}")
            continue
        if done.fate == Fate.DELETED and len(products) > 1:
            gone += 1
        else:
            messages.add_message(
                request, messages.SUCCESS if done.fate == Fate.DELETED else messages.WARNING, str(done)
            )
    if gone:
        messages.success(request, f"{gone} {'product was' if gone == 1 else 'products were'} deleted.")

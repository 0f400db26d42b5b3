"""What a product's page shows beside its form, and what becomes of a form that a verb refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from catalog.models import Product
from catalog.pages import changed_meanwhile, links, product_cells
from catalog.pages.changed_meanwhile import TAKE
from catalog.pages.product_form import ProductForm, told_by
from catalog.pages.thumbnail import thumbnails
from catalog.products.differences import differences, of_product, plain
from catalog.products.refused import ChangedMeanwhile, Refused
from catalog.stock_column import stock_of

MEANWHILE = (
    "Somebody else saved this product since you opened it. Nothing is saved yet, and nothing you typed is lost: compare"
    " the two above, then save again."
)


def saved_first(request: HttpRequest, product: int | None, shown: Callable[[], Any]) -> Any:
    """The form's page; sent and refused, it is shown once more with what was typed and why."""
    if product is not None and request.method == "POST" and request.POST.get(TAKE):
        return _compared(request, product, shown)
    try:
        return shown()
    except ChangedMeanwhile:
        return _compared(request, product or 0, shown)
    except Refused as refusal:
        request.refusal = told_by(refusal)  # type: ignore[attr-defined]
        return shown()


def about(request: HttpRequest, product: Product | None) -> dict[str, Any]:
    """For the page of a product; nothing for one that is not there yet."""
    if product is None:
        return {}
    return {
        "stock": stock_of([product.pk]).get(product.pk),
        "adjust": links.adjust(product.pk) if product_cells.may_adjust(request.user) else "",
        "stock_history": links.stock_history(product.pk),
        "face": thumbnails([product.pk]).get(product.pk),
        "changed": getattr(request, "changed", None),
        "version": product.version,
        "changed_at": product.updated_at,
    }


def _compared(request: HttpRequest, product_id: int, shown: Callable[[], Any]) -> Any:
    """Their values and yours side by side. Asked anew: the product may have gone on again."""
    now = Product.objects.filter(pk=product_id).first()
    if now is None:
        return shown()
    take, theirs = request.POST.get(TAKE, ""), of_product(now)
    form = ProductForm(request.POST, instance=Product(pk=now.pk, version=now.version))
    form.is_valid()
    found = list(differences(form.opened_with(), theirs, plain(form.values())))
    # What only they changed is taken over once, when it is first seen: put back by hand, it stays so.
    first = request.POST.get("version") != str(now.version)
    request.POST = changed_meanwhile.merged(request.POST, found, now.version, take, take_over=first)  # type: ignore[assignment]
    request.changed = {  # type: ignore[attr-defined]
        "rows": changed_meanwhile.rows_of(found, take, take_over=first),
        "who": changed_meanwhile.who_and_when(now),
        "all": changed_meanwhile.ALL,
    }
    request.refusal = {"": MEANWHILE}  # type: ignore[attr-defined]
    return shown()

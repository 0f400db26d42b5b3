"""What happened to one product's stock: a chart of its balance, and every movement with who and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from catalog.models import Product
from inventory.balances import MOST_LOCATIONS, balances
from inventory.models import MovementKind, StockLevel, StockMovement
from inventory.pages import adjust, links
from inventory.pages.history_chart import OPTIONS, changes, chart
from inventory.pages.receive import chosen
from inventory.states import state_of

PERMISSION = "inventory.view_stockmovement"
A_PAGE = 50
DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}


def history_page(request: HttpRequest, admin: Any, product_id: int) -> HttpResponse:
    """`location`, `kind` and `days` choose; `before` is the movement behind which the table goes on."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404(f"There is no product {product_id}.")
    levels = list(StockLevel.objects.filter(product=product).select_related("location").order_by("location__code"))
    days = request.GET.get("days", "30") if request.GET.get("days") in DAYS else "30"
    location = chosen(request.GET, "location")
    shown = [level.location for level in levels if location in (None, level.location_id)]
    lines = balances(product.pk, shown[:MOST_LOCATIONS], DAYS[days]) if shown else {}
    context = {
        "title": f"Stock history of {product.sku}", "opts": None, "product": product,
        "product_url": links.product(product.pk), "levels": [(level, state_of(level)) for level in levels],
        "chart": chart(lines, DAYS[days]), "chart_options": OPTIONS,
        "changes": changes(lines), "more_locations": len(shown) > MOST_LOCATIONS,
        "back": links.levels(q=product.sku), "may_adjust": request.user.has_perm(adjust.PERMISSION),
        "locations": [level.location for level in levels], "kinds": MovementKind.choices, "location": location,
        "days": days, "all_days": DAYS, "kind": request.GET.get("kind", ""), **_table(request, product, days),
    }  # fmt: skip
    return admin.rendered(request, "nightshelf/stock/history.html", context)  # type: ignore[no-any-return]


def _table(request: HttpRequest, product: Product, days: str) -> dict[str, Any]:
    found: QuerySet[StockMovement] = StockMovement.objects.filter(product=product)
    location, kind, before = chosen(request.GET, "location"), request.GET.get("kind", ""), chosen(request.GET, "before")
    if location:
        found = found.filter(location=location)
    if kind in MovementKind.values:
        found = found.filter(kind=kind)
    if "days" in request.GET:
        found = found.filter(at__gte=timezone.now() - timedelta(days=DAYS[days]))
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("posting__actor", "location").order_by("-pk")[: A_PAGE + 1])
    filters = {"location": location, "kind": kind if kind in MovementKind.values else "",
               "days": days if "days" in request.GET else ""}  # fmt: skip
    following = links.history(product.pk, **filters, before=rows[A_PAGE - 1].pk) if len(rows) > A_PAGE else ""
    return {
        "movements": rows[:A_PAGE], "next_url": following, "filtered": any(filters.values()),
        "first_url": links.history(product.pk, **filters) if before else "",
    }  # fmt: skip

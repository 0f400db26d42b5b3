"""What is low now, and what was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter

from inventory.ledger.low_stock import closes_at
from inventory.models import Location, LowStock, StockMovement
from inventory.pages import links
from monitoring.models import Notice
from pages.filters import DayRangeFilter
from pages.list_cells import age, badge, linked, moment, stacked
from pages.machine_written import MachineWritten

MOST_MOVEMENTS = 10


class StateFilter(RadioFilter):  # type: ignore[misc]
    """What is low now, unless something else is asked for."""

    title, parameter_name = "state", "state"
    WHICH = (("", "Low now"), ("out", "Out of stock now"), ("over", "Over"), ("all", "All"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.WHICH[1:])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "all":
                return queryset
            case "over":
                return queryset.exclude(closed_at=None)
            case "out":
                return queryset.filter(closed_at=None, level__on_hand__lte=F("level__reserved"))
        return queryset.filter(closed_at=None)


class LocationFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "location", "location"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), f"{code} {name}") for pk, code, name in Location.objects.values_list("pk", "code", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(level__location=value) if value.isdecimal() and len(value) < 19 else queryset


@admin.register(LowStock)
class LowStockAdmin(MachineWritten):
    list_display = ("cell_product", "cell_location", "cell_available", "cell_reorder", "cell_since", "cell_state")
    list_display_links = None
    list_filter = (StateFilter, LocationFilter, ("opened_at", DayRangeFilter))
    list_select_related = ("level__product", "level__location")
    page_template = "nightshelf/stock/low.html"
    nothing = "What falls to its reorder point is listed here until it is well above again."

    @admin.display(description="Product")
    def cell_product(self, event: LowStock) -> SafeString:
        product = event.level.product
        return linked(f"{event.pk}/change/", product.name, product.sku)

    @admin.display(description="Location")
    def cell_location(self, event: LowStock) -> SafeString:
        return stacked(event.level.location.code, event.level.location.name)

    @admin.display(description="Available now")
    def cell_available(self, event: LowStock) -> SafeString:
        level = event.level
        return format_html(
            '<div class="ns-nowrap"><span class="ns-strong {}">{}</span><span class="ns-sub">{} on hand, {} reserved'
            "</span></div>",
            "ns-bad-text" if level.available <= 0 and not event.closed_at else "",
            f"{level.available:,}", f"{level.on_hand:,}", f"{level.reserved:,}",
        )  # fmt: skip

    @admin.display(description="Reorder point")
    def cell_reorder(self, event: LowStock) -> SafeString:
        order = event.level.reorder_quantity
        return stacked(f"{event.level.reorder_point:,}", f"order {order:,}" if order else "")

    @admin.display(description="Low since")
    def cell_since(self, event: LowStock) -> SafeString:
        until = format_html("until {}", moment(event.closed_at)) if event.closed_at else age(event.opened_at)
        return stacked(moment(event.opened_at), until)

    @admin.display(description="State")
    def cell_state(self, event: LowStock) -> SafeString:
        return state_badge(event)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = LowStock.objects.select_related("level__product", "level__location")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: LowStock) -> dict[str, Any]:
        level = row.level
        notice = Notice.objects.filter(key=f"low-stock/{row.pk}").first()
        return {
            "title": f"Low: {level.product.sku} at {level.location.code}",
            "event": row,
            "level": level,
            "state": state_badge(row),
            "movements": list(_movements(row)),
            "product_url": links.product(level.product_id),
            "level_url": links.page("stocklevel", level.pk),
            "notice": notice,
            "may_see_notice": request.user.has_perm("monitoring.view_notice"),
            "closes_at": closes_at(level.reorder_point),
        }


def state_badge(event: LowStock) -> SafeString:
    if event.closed_at:
        return badge("resolved", "Over")
    return badge("failed", "Out of stock") if event.level.available <= 0 else badge("open", "Low")


def _movements(event: LowStock) -> Iterator[dict[str, Any]]:
    level = event.level
    rows = StockMovement.objects.filter(product=level.product_id, location=level.location_id).order_by("-pk")
    for moved in rows.select_related("posting__actor")[:MOST_MOVEMENTS]:
        yield {"row": moved, "url": links.page("stockposting", moved.posting_id)}

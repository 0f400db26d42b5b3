"""Levels: what lies where, what is low, how long it lasts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter

from catalog.models import Product
from catalog.search import matching
from inventory.admin.filters import CategoryFilter, LocationFilter, StateFilter, is_id
from inventory.cover import days_of, left_of
from inventory.models import StockLevel
from inventory.models.level import COVER
from inventory.pages import adjust, links, receive
from inventory.pages.adjust import adjust_page
from inventory.pages.history import history_page
from inventory.pages.level import level_page, reorder_page
from inventory.pages.location_totals import location_totals
from inventory.pages.lookup import lookup
from inventory.states import state_of
from inventory.stocktakes.differences import WEIGHTY
from pages.list_cells import badge, linked, stacked
from pages.machine_written import MachineWritten
from pages.paginator import MOST_COUNTED

TONES = {"out": "failed", "low": "open", "ok": "finished"}


class OrderFilter(RadioFilter):  # type: ignore[misc]
    """Not a filter but what comes first; the list's own orders would each need an index."""

    title, parameter_name, all_option = "order", "order", ["", "Product"]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("cover", "Soonest out of stock")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


@admin.register(StockLevel)
class StockLevelAdmin(MachineWritten):
    list_display = ("cell_product", "cell_location", "cell_on_hand", "cell_reserved", "cell_available", "cell_reorder",
                    "cell_cover", "cell_state", "cell_do")  # fmt: skip
    list_display_links = None
    list_filter = (StateFilter, LocationFilter, CategoryFilter, OrderFilter)
    list_select_related = ("product", "location")
    search_fields = ("product__sku",)
    search_help_text = "Name, SKU or barcode; part of it will do"
    change_list_template = "nightshelf/stock/levels.html"
    page_template = "nightshelf/stock/level.html"
    nothing = "Receive goods, and what lies where is listed here."

    @admin.display(description="Product")
    def cell_product(self, level: StockLevel) -> SafeString:
        return linked(f"{level.pk}/change/", level.product.name, level.product.sku)

    @admin.display(description="Location")
    def cell_location(self, level: StockLevel) -> SafeString:
        return stacked(level.location.code, level.location.name, wrap=True)

    @admin.display(description="On hand")
    def cell_on_hand(self, level: StockLevel) -> SafeString:
        return _number(level.on_hand)

    @admin.display(description="Reserved")
    def cell_reserved(self, level: StockLevel) -> SafeString:
        return _number(level.reserved)

    @admin.display(description="Available")
    def cell_available(self, level: StockLevel) -> SafeString:
        tone = {"out": "ns-bad-text", "low": "ns-warn-text"}.get(state_of(level), "")
        return format_html('<span class="ns-count ns-strong {}">{}</span>', tone, f"{level.available:,}")

    @admin.display(description="Reorder at")
    def cell_reorder(self, level: StockLevel) -> SafeString:
        if not level.reorder_point:
            return SafeString('<span class="ns-count ns-zero">–</span>')
        order = f"order {level.reorder_quantity:,}" if level.reorder_quantity else ""
        return format_html(
            '<div class="ns-count">{}<span class="ns-sub">{}</span></div>', f"{level.reorder_point:,}", order
        )

    @admin.display(description="Days of cover")
    def cell_cover(self, level: Any) -> SafeString:
        days = days_of(level, level.left)
        if days is None:
            return SafeString('<span class="ns-muted ns-nowrap">no movement</span>')
        return format_html(
            '<div class="ns-count">{}<span class="ns-sub">{} in 30 days</span></div>',
            f"{days:,.0f}" if days >= 10 or not days else f"{days:.1f}", f"{level.left:,}",
        )  # fmt: skip

    @admin.display(description="State")
    def cell_state(self, level: StockLevel) -> SafeString:
        state = state_of(level)
        return badge(TONES[state], str(state.label))

    @admin.display(description="")
    def cell_do(self, level: Any) -> SafeString:
        parts = [(links.history(level.product_id), "History", "show_chart", level.product.sku)]
        if level.may_adjust:
            parts.append((links.adjust(level.product_id, level.location_id), "Adjust", "edit", level.product.sku))
        made = "".join(
            format_html(
                '<a class="ns-icon" href="{}" title="{}" aria-label="{} of {}">'
                '<span class="material-symbols-outlined" aria-hidden="true">{}</span></a>',
                url, what, what, sku, icon,
            )
            for url, what, icon, sku in parts
        )  # fmt: skip
        return format_html('<div class="ns-icons">{}</div>', SafeString(made))

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        left, may_adjust = left_of(rows), request.user.has_perm(adjust.PERMISSION)
        for level in rows:
            level.left, level.may_adjust = left.get(level.pk), may_adjust

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        return super().get_queryset(request).defer(*WEIGHTY)  # type: ignore[no-any-return]

    def get_ordering(self, request: HttpRequest) -> Any:
        if _by_cover(request):
            return (COVER.asc(nulls_last=True), "pk")
        return ("product_id", "location_id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockLevel], search_term: str
    ) -> tuple[QuerySet[StockLevel], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # Bounded, and so found by the search's index first: unbounded, the planner may walk all levels in their order.
        found = matching(Product.objects.order_by(), term).values("pk")[:MOST_COUNTED]
        return queryset.filter(product__in=found), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = StockLevel.objects.select_related("product", "location")
        return found.filter(pk=int(object_id)).first() if is_id(object_id) else None

    def page(self, request: HttpRequest, row: StockLevel) -> dict[str, Any]:
        return level_page(request, row)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            chosen = request.GET.get("location", "")
            response.context_data |= {
                "totals": location_totals(), "chosen_location": int(chosen) if is_id(chosen) else None,
                "may_receive": request.user.has_perm(receive.PERMISSION), "by_cover": _by_cover(request),
            }  # fmt: skip
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("lookup/", view(lookup), name="inventory_lookup"),
            path("adjust/", view(self.adjust), name="inventory_adjust"),
            path("history/<int:product_id>/", view(self.history), name="inventory_history"),
            path("<path:object_id>/reorder/", view(self.reorder), name="inventory_reorder"),
            *super().get_urls(),
        ]

    def adjust(self, request: HttpRequest) -> HttpResponse:
        return adjust_page(request, self)

    def history(self, request: HttpRequest, product_id: int) -> HttpResponse:
        return history_page(request, self, product_id)

    def reorder(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return reorder_page(request, self, self.found(request, object_id))


def _by_cover(request: HttpRequest) -> bool:
    return request.GET.get("order") == "cover"


def _number(value: int) -> SafeString:
    return format_html('<span class="ns-count{}">{}</span>', "" if value else " ns-zero", f"{value:,}")

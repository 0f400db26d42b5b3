"""Movements: the ledger, line by line, the newest first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from inventory.admin.filters import LocationFilter, ProductFilter, is_id
from inventory.models import StockMovement
from inventory.pages import links
from inventory.pages.cells import KIND_TONES, change_of
from inventory.scan import find_product
from inventory.stocktakes.differences import WEIGHTY
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter


@admin.register(StockMovement)
class StockMovementAdmin(MachineWritten):
    list_display = ("cell_when", "cell_product", "cell_location", "cell_kind", "cell_change", "cell_after", "cell_why")
    list_display_links = None
    list_filter = (("kind", ChoicesRadioFilter), LocationFilter, ProductFilter, MomentsFilter, ("at", DayRangeFilter))
    list_select_related = ("product", "location", "posting__actor")
    search_fields = ("product__sku",)
    search_help_text = "SKU or barcode"
    change_list_template = "nightshelf/stock/movements.html"
    nothing = "Every change of stock is listed here: by how much, what was left, who did it and why."

    @admin.display(description="When")
    def cell_when(self, movement: StockMovement) -> SafeString:
        return moment(movement.at)

    @admin.display(description="Product")
    def cell_product(self, movement: StockMovement) -> SafeString:
        return linked(links.history(movement.product_id), movement.product.name, movement.product.sku)

    @admin.display(description="Location")
    def cell_location(self, movement: StockMovement) -> SafeString:
        return stacked(movement.location.code, movement.location.name, wrap=True)

    @admin.display(description="Posting")
    def cell_kind(self, movement: StockMovement) -> SafeString:
        return format_html(
            '<div class="ns-nowrap">{}<a class="ns-link ns-sub" href="{}">posting {}</a></div>',
            badge(KIND_TONES[movement.kind], movement.get_kind_display()),
            links.posting(movement.posting_id), movement.posting_id,
        )  # fmt: skip

    @admin.display(description="Change")
    def cell_change(self, movement: StockMovement) -> SafeString:
        return change_of(movement)

    @admin.display(description="On hand after")
    def cell_after(self, movement: StockMovement) -> SafeString:
        reserved = f"{movement.reserved_after:,} reserved" if movement.reserved_after else ""
        return format_html(
            '<div class="ns-count">{}<span class="ns-sub">{}</span></div>', f"{movement.on_hand_after:,}", reserved
        )

    @admin.display(description="Who and why")
    def cell_why(self, movement: StockMovement) -> SafeString:
        posting = movement.posting
        why = " · ".join(filter(None, (posting.reference, posting.reason[:120], movement.note)))
        return stacked(posting.actor.get_username() if posting.actor else "the system", why, wrap=True)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockMovement], search_term: str
    ) -> tuple[QuerySet[StockMovement], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        product = find_product(term)
        return (queryset.filter(product=product) if product else queryset.none()), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        return super().get_queryset(request).defer(*WEIGHTY)  # type: ignore[no-any-return]

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-pk",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A movement is a line of its posting, and shown there."""
        movement = self.found(request, object_id)
        return HttpResponseRedirect(links.posting_line(movement.posting_id, movement.line))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return StockMovement.objects.filter(pk=int(object_id)).first() if is_id(object_id) else None

"""Stocktakes: opened, counted, looked through and posted here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from inventory.admin.filters import LocationFilter, is_id
from inventory.models import Stocktake, StocktakeLine
from inventory.pages.stocktake import save_line, scan, stocktake_page
from inventory.pages.stocktake_open import open_page
from inventory.pages.stocktake_review import cancel_page, review_page
from inventory.stocktakes.open import PERMISSION
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten

TONES = {"open": "running", "posted": "finished", "cancelled": "cancelled"}


@admin.register(Stocktake)
class StocktakeAdmin(MachineWritten):
    list_display = ("cell_stocktake", "cell_status", "cell_what", "cell_progress", "cell_by", "cell_when")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), LocationFilter)
    list_select_related = ("location", "category", "opened_by")
    list_per_page = 20
    change_list_template = "nightshelf/stock/stocktakes.html"
    page_template = "nightshelf/stock/stocktake.html"
    nothing = "Open one for a location or a category there, count with a scanner or by hand, and post the differences."

    @admin.display(description="Stocktake")
    def cell_stocktake(self, stocktake: Stocktake) -> SafeString:
        return linked(f"{stocktake.pk}/change/", f"Stocktake {stocktake.pk}", stocktake.note[:80] or stocktake.source)

    @admin.display(description="Status")
    def cell_status(self, stocktake: Stocktake) -> SafeString:
        return badge(TONES[stocktake.status], stocktake.get_status_display())

    @admin.display(description="Where and what")
    def cell_what(self, stocktake: Stocktake) -> SafeString:
        what = str(stocktake.category) if stocktake.category else "everything there"
        return stacked(str(stocktake.location), f"{what}{', blind' if stocktake.blind else ''}")

    @admin.display(description="Counted")
    def cell_progress(self, stocktake: Any) -> SafeString:
        return format_html(
            '<div class="ns-nowrap">{} of {}<span class="ns-sub">{} verified</span></div>',
            f"{stocktake.counted:,}", f"{stocktake.total:,}", f"{stocktake.verified:,}",
        )  # fmt: skip

    @admin.display(description="Opened by")
    def cell_by(self, stocktake: Stocktake) -> str:
        return stocktake.opened_by.get_username() if stocktake.opened_by else "the system"

    @admin.display(description="Opened / closed")
    def cell_when(self, stocktake: Stocktake) -> SafeString:
        return stacked(moment(stocktake.opened_at), moment(stocktake.closed_at) if stocktake.closed_at else "")

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        counts = (
            StocktakeLine.objects.filter(stocktake__in=[stocktake.pk for stocktake in rows])
            .order_by().values("stocktake")
            .annotate(total=Count("pk"), done=Count("counted"), ticked=Count("pk", filter=Q(verified=True)))
        )  # fmt: skip
        found: dict[int, dict[str, Any]] = {row["stocktake"]: dict(row) for row in counts}
        for stocktake in rows:
            row = found.get(stocktake.pk, {})
            stocktake.total, stocktake.counted = row.get("total", 0), row.get("done", 0)
            stocktake.verified = row.get("ticked", 0)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Stocktake.objects.select_related("location", "category", "opened_by", "closed_by", "posting")
        return found.filter(pk=int(object_id)).first() if is_id(object_id) else None

    def page(self, request: HttpRequest, row: Stocktake) -> dict[str, Any]:
        return stocktake_page(request, row)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["may_open"] = request.user.has_perm(PERMISSION)
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open), name="inventory_stocktake_open"),
            path("<path:object_id>/scan/", view(self.scan), name="inventory_stocktake_scan"),
            path("<path:object_id>/review/", view(self.review), name="inventory_stocktake_review"),
            path("<path:object_id>/cancel/", view(self.cancel), name="inventory_stocktake_cancel"),
            path("<path:object_id>/line/<int:line_id>/", view(self.line), name="inventory_stocktake_line"),
            *super().get_urls(),
        ]

    def open(self, request: HttpRequest) -> HttpResponse:
        return open_page(request, self)

    def scan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return scan(request, self.found(request, object_id))

    def line(self, request: HttpRequest, object_id: str, line_id: int) -> HttpResponse:
        return save_line(request, self.found(request, object_id), line_id)

    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return review_page(request, self, self.found(request, object_id))

    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return cancel_page(request, self, self.found(request, object_id))

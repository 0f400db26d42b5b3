"""Postings: what was done to stock at once, and the pages on which it is done."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Abs
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from inventory.admin.filters import is_id
from inventory.models import StockMovement, StockPosting
from inventory.pages.cells import KIND_TONES
from inventory.pages.posting import posting_page, reverse_page
from inventory.pages.receive import receive_page
from inventory.pages.transfer import transfer_page
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten


@admin.register(StockPosting)
class StockPostingAdmin(MachineWritten):
    list_display = ("cell_posting", "cell_kind", "cell_lines", "cell_why", "cell_by", "cell_when")
    list_display_links = None
    list_filter = (("kind", ChoicesRadioFilter), ("at", DayRangeFilter))
    list_select_related = ("actor", "reversed_by")
    search_fields = ("reference",)
    search_help_text = "Reference or number"
    change_list_template = "nightshelf/stock/movements.html"
    page_template = "nightshelf/stock/posting.html"
    nothing = "Each delivery, transfer, adjustment and count is one posting, and listed here."

    @admin.display(description="Posting")
    def cell_posting(self, posting: StockPosting) -> SafeString:
        return linked(f"{posting.pk}/change/", str(posting.pk), posting.reference)

    @admin.display(description="Kind")
    def cell_kind(self, posting: StockPosting) -> SafeString:
        kind = badge(KIND_TONES[posting.kind], posting.get_kind_display())
        return format_html("{} {}", kind, badge("cancelled", "Taken back") if hasattr(posting, "reversed_by") else "")

    @admin.display(description="Lines, pieces")
    def cell_lines(self, posting: Any) -> SafeString:
        return stacked(f"{posting.lines:,}", f"{posting.pieces:,} piece{'' if posting.pieces == 1 else 's'}")

    @admin.display(description="Why")
    def cell_why(self, posting: StockPosting) -> SafeString:
        return stacked(posting.reason[:160] or "–", "", wrap=True)

    @admin.display(description="By")
    def cell_by(self, posting: StockPosting) -> str:
        return posting.actor.get_username() if posting.actor else "the system"

    @admin.display(description="When")
    def cell_when(self, posting: StockPosting) -> SafeString:
        return moment(posting.at)

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        sums = (
            StockMovement.objects.filter(posting__in=[posting.pk for posting in rows])
            .order_by().values("posting").annotate(lines=Count("pk"), pieces=Sum(Abs("quantity")))
        )  # fmt: skip
        by_posting: dict[int, dict[str, Any]] = {row["posting"]: dict(row) for row in sums}
        for posting in rows:
            found = by_posting.get(posting.pk, {})
            posting.lines, posting.pieces = found.get("lines", 0), found.get("pieces", 0)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockPosting], search_term: str
    ) -> tuple[QuerySet[StockPosting], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if is_id(term) and StockPosting.objects.filter(pk=int(term)).exists():
            return queryset.filter(pk=int(term)) | queryset.filter(reference=term), False
        return queryset.filter(reference=term).exclude(reference=""), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = StockPosting.objects.select_related("actor", "reverses")
        return found.filter(pk=int(object_id)).first() if is_id(object_id) else None

    def page(self, request: HttpRequest, row: StockPosting) -> dict[str, Any]:
        return posting_page(request, row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("receive/", view(self.receive), name="inventory_receive"),
            path("transfer/", view(self.transfer), name="inventory_transfer"),
            path("<path:object_id>/reverse/", view(self.reverse), name="inventory_reverse"),
            *super().get_urls(),
        ]

    def receive(self, request: HttpRequest) -> HttpResponse:
        return receive_page(request, self)

    def transfer(self, request: HttpRequest) -> HttpResponse:
        return transfer_page(request, self)

    def reverse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return reverse_page(request, self, self.found(request, object_id))

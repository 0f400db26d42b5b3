"""Counted stock: what result files say was counted, and which stocktake it went into."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter

from batches.admin.filters import InFileFilter, JobFilter, WrittenFilter
from batches.admin.original_lines import FromLines
from batches.counts import place_again as again
from batches.counts.waiting import WAITING
from batches.models import CountedStock, DeadLetter
from batches.pages import links
from batches.pages.numbering import lines_before, number_in_file
from batches.search import TRANSACTION_CHARS, hex_id
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, stacked


class LocationFilter(TextFilter):
    title, parameter_name, hint = "location", "location", "code, as the line says"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(location=value)


class PlacedFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "stocktake", "placed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Not in one yet"), ("problem", "Could not be placed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "problem":
            return queryset.exclude(problem="")
        return queryset.filter(WAITING) if self.value() == "waiting" else queryset


@admin.register(CountedStock)
class CountedStockAdmin(FromLines):
    list_display = ("cell_sku", "cell_location", "cell_quantity", "cell_confidence", "cell_stocktake", "cell_job")
    list_display_links = None
    list_filter = (PlacedFilter, LocationFilter, JobFilter, InFileFilter, WrittenFilter, ("created_at", DayRangeFilter))
    list_select_related = ("job", "stocktake_line__stocktake")
    list_disable_select_all = True
    search_fields = ("sku",)
    search_help_text = "SKU, or a count's id"
    actions = ("place_again",)
    page_template = "nightshelf/counts/page.html"
    nothing = "Counts come with result files of the kind “stock counts”: upload one, or ingest it with that kind."

    @admin.display(description="SKU")
    def cell_sku(self, row: CountedStock) -> SafeString:
        return linked(f"{row.pk}/change/", row.sku, row.note)

    @admin.display(description="Location")
    def cell_location(self, row: CountedStock) -> str:
        return row.location

    @admin.display(description="Counted")
    def cell_quantity(self, row: CountedStock) -> SafeString:
        return format_html('<span class="ns-amount">{}</span>', f"{row.quantity:,}")

    @admin.display(description="Confidence")
    def cell_confidence(self, row: CountedStock) -> str:
        return "–" if row.confidence is None else f"{row.confidence:.2f}"

    @admin.display(description="Stocktake")
    def cell_stocktake(self, row: CountedStock) -> SafeString:
        if row.problem:
            return format_html('{}<span class="ns-sub ns-wide">{}</span>', badge("failed", "Not placed"), row.problem)
        if row.placed != row.content or row.stocktake_line is None:
            return badge("waiting", "Waiting")
        taken = row.stocktake_line.stocktake
        url = links.elsewhere("inventory_stocktake", taken.pk)
        name = f"Stocktake {taken.pk}"
        told = format_html('<a href="{}" class="ns-link">{}</a>', url, name) if url else name
        return stacked(told, taken.get_status_display())

    @admin.display(description="Job")
    def cell_job(self, row: CountedStock) -> SafeString:
        return format_html('<a href="{}" class="ns-link ns-id">{}</a>', links.page("job", row.job_id), row.job.job_id)

    def has_place_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(again.PERMISSION)

    @admin.action(permissions=["place"], description="Place the selected counts again")
    def place_again(self, request: HttpRequest, queryset: QuerySet[CountedStock]) -> None:
        pks = list(queryset.order_by().values_list("pk", flat=True)[: again.MOST_AT_ONCE])
        number = again.place_again(pks, actor=request.user)
        level = messages.SUCCESS if number else messages.INFO
        self.message_user(request, f"{number:,} wait again to be put into a stocktake.", level)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CountedStock], search_term: str
    ) -> tuple[QuerySet[CountedStock], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if (pk := hex_id(term, TRANSACTION_CHARS)) and CountedStock.objects.filter(pk=pk).exists():
            return queryset.filter(pk=pk), False
        return queryset.alias(upper=Upper("sku")).filter(upper=term.upper()), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        pk = hex_id(object_id, TRANSACTION_CHARS)
        found = CountedStock.objects.select_related("job", "chunk__file", "stocktake_line__stocktake")
        return found.filter(pk=pk).first() if pk else None

    def page(self, request: HttpRequest, row: CountedStock) -> dict[str, Any]:
        line = row.stocktake_line
        return {
            "row": row,
            "waits": row.placed != row.content,
            "stocktake": line.stocktake if line else None,
            "stocktake_url": links.elsewhere("inventory_stocktake", line.stocktake_id) if line else "",
            "file": row.chunk.file,
            "number": number_in_file(lines_before([row.chunk_id]).get(row.chunk_id), row.line),
            "letters": DeadLetter.objects.filter(record_id=row.record_id, job=row.job_id)[:20],
        }

"""Transactions: searched, filtered, confirmed or rejected, and followed back to their line."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter

from batches import original_line, review
from batches.admin.filters import InFileFilter, JobFilter, UserFilter, WrittenFilter
from batches.models import ImageUpload, Transaction
from batches.pages import line_views, links
from batches.pages.transaction import transaction_page
from batches.search import TRACE_CHARS, TRANSACTION_CHARS, hex_id, images_of
from batches.states import ReviewState, UploadStatus
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, stacked
from pages.machine_written import MachineWritten

VERBS = {"confirm": ReviewState.CONFIRMED, "reject": ReviewState.REJECTED}


class MerchantFilter(TextFilter):
    title, parameter_name, hint = "merchant", "merchant", "beginning of the name"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(merchant__startswith=value)


class ImageFilter(RadioFilter):  # type: ignore[misc]
    """By the migration state of the image (Y9): few are in each, so they are looked up from there."""

    title, parameter_name = "image", "image"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failed", "Move failed (migrationFailed)"), ("uncleaned", "Moved, source left")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in (UploadStatus.FAILED, UploadStatus.UNCLEANED):
            return queryset
        images = ImageUpload.objects.filter(status=self.value()).order_by().values("image_id")
        return queryset.filter(image_id__in=images)


@admin.register(Transaction)
class TransactionAdmin(MachineWritten):
    list_display = (
        "cell_date",
        "cell_merchant",
        "cell_amount",
        "cell_category",
        "cell_user",
        "cell_job",
        "cell_review",
    )
    list_display_links = None
    list_filter = (
        ("date", DayRangeFilter), ("review", ChoicesRadioFilter), ("category", ChoicesRadioFilter),
        ("type", ChoicesRadioFilter), ImageFilter, MerchantFilter, UserFilter, JobFilter, InFileFilter, WrittenFilter,
    )  # fmt: skip
    list_select_related = ("job",)
    list_disable_select_all = True
    search_fields = ("id",)
    search_help_text = "Transaction, image, trace or merchant"
    actions = ("confirm", "reject")
    page_template = "nightshelf/transactions/page.html"
    nothing = "Rows appear here as soon as a result file has been read. Upload one, or run `manage.py ingest`."

    @admin.display(description="Date", ordering="date")
    def cell_date(self, row: Transaction) -> SafeString:
        return format_html('<span class="ns-nowrap">{}</span>', row.date.isoformat())

    @admin.display(description="Merchant")
    def cell_merchant(self, row: Transaction) -> SafeString:
        return linked(f"{row.pk}/change/", row.merchant, row.image_id)

    @admin.display(description="Amount")
    def cell_amount(self, row: Transaction) -> SafeString:
        sign = "+" if row.type == "income" else "−"
        return format_html('<span class="ns-amount ns-{}">{}{}</span>', row.type, sign, f"{row.amount:,.2f}")

    @admin.display(description="Category")
    def cell_category(self, row: Transaction) -> SafeString:
        return stacked(row.get_category_display(), row.get_type_display())

    @admin.display(description="User")
    def cell_user(self, row: Transaction) -> SafeString:
        return format_html('<span class="ns-id">{}</span>', row.user_id)

    @admin.display(description="Job")
    def cell_job(self, row: Transaction) -> SafeString:
        return format_html('<a href="{}" class="ns-link ns-id">{}</a>', links.page("job", row.job_id), row.job.job_id)

    @admin.display(description="Review")
    def cell_review(self, row: Any) -> SafeString:
        told = badge(row.review, row.get_review_display())
        return format_html("{} {}", told, badge("failed", "Image not moved")) if row.image_failed else told

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        images = [row.image_id for row in rows]
        failed = ImageUpload.objects.filter(image_id__in=images, status=UploadStatus.FAILED)
        names = set(failed.values_list("image_id", flat=True))
        for row in rows:
            row.image_failed = row.image_id in names

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(review.PERMISSION)

    @admin.action(permissions=["review"], description="Confirm the selected transactions")
    def confirm(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        self._review(request, queryset, ReviewState.CONFIRMED)

    @admin.action(permissions=["review"], description="Reject the selected transactions")
    def reject(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        self._review(request, queryset, ReviewState.REJECTED)

    def _review(self, request: HttpRequest, queryset: QuerySet[Transaction], state: ReviewState) -> None:
        pks = list(queryset.order_by().values_list("pk", flat=True)[: review.MOST_AT_ONCE + 1])
        try:
            outcome = review.review(pks, state, by=request.user)
        except review.TooMany as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        left = f" {outcome.left:,} already were." if outcome.left else ""
        noun = "transaction" if outcome.changed == 1 else "transactions"
        level = messages.SUCCESS if outcome.changed else messages.INFO
        self.message_user(request, f"{outcome.changed:,} {noun} {state.label.lower()}.{left}", level)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transaction], search_term: str
    ) -> tuple[QuerySet[Transaction], bool]:
        """By what the term is: ids are looked up first, so that each search uses one index and no other."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if (pk := hex_id(term, TRANSACTION_CHARS)) and Transaction.objects.filter(pk=pk).exists():
            return queryset.filter(pk=pk), False
        if (trace := hex_id(term, TRACE_CHARS)) and (images := images_of(trace=trace)):
            return queryset.filter(image_id__in=images, trace_id=trace), False
        if Transaction.objects.filter(image_id=term).exists():
            return queryset.filter(image_id=term), False
        return queryset.filter(merchant__startswith=term), False

    def page(self, request: HttpRequest, row: Transaction) -> dict[str, Any]:
        return transaction_page(request, row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/review/", view(self.review), name="batches_transaction_review"),
            path("<path:object_id>/line/", view(self.line), name="batches_transaction_line"),
            path("<path:object_id>/preview/", view(self.preview), name="batches_transaction_preview"),
            *super().get_urls(),
        ]

    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page's own buttons: the same verb as the list's actions."""
        if request.method != "POST" or request.POST.get("verb") not in VERBS:
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, object_id)
        self._review(request, Transaction.objects.filter(pk=row.pk), VERBS[request.POST["verb"]])
        return HttpResponseRedirect(links.page("transaction", row.pk))

    def line(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.found(request, object_id)

        def page(context: dict[str, Any]) -> TemplateResponse:
            return self.rendered(request, "nightshelf/unavailable.html", {"original": row, **context})

        return line_views.download(lambda: original_line.of_row(row), f"transaction-{row.pk}.jsonl", page)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        return line_views.previewed(request, lambda: original_line.of_row(row))

"""Proposals: found, looked at field by field, accepted and rejected, one by one or many by their confidence."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches.admin.filters import InFileFilter, JobFilter, WrittenFilter
from batches.admin.original_lines import FromLines
from batches.models import ProductProposal
from batches.pages import links
from batches.pages.accept_many import accept_many
from batches.pages.proposal import decided, proposal_page
from batches.proposals.decide import PERMISSION
from batches.proposals.fields import LABELS, proposed, status_of
from batches.proposals.judge import products_of
from batches.search import TRANSACTION_CHARS, hex_id
from monitoring import audit
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, stacked

MARKS = {"waiting": "", "accepted": "✓ ", "rejected": "✗ "}


class ConfidenceFilter(TextFilter):
    title, parameter_name, hint = "lowest confidence", "sure", "0.9: all fields at least so sure"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        try:
            least = Decimal(value)
        except InvalidOperation:
            return queryset.none()
        return queryset.filter(confidence__gte=least) if least.is_finite() and 0 <= least <= 1 else queryset.none()


class CategoryFilter(TextFilter):
    title, parameter_name, hint = "category", "category", "as the model wrote it"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(category=value)


@admin.register(ProductProposal)
class ProductProposalAdmin(FromLines):
    list_display = (
        "cell_sku", "cell_fields", "cell_category", "cell_price", "cell_confidence", "cell_job", "cell_state",
    )  # fmt: skip
    list_display_links = None
    list_filter = (
        ("state", ChoicesRadioFilter), ConfidenceFilter, CategoryFilter, JobFilter, InFileFilter, WrittenFilter,
        ("created_at", DayRangeFilter),
    )  # fmt: skip
    list_select_related = ("job",)
    search_fields = ("sku",)
    search_help_text = "SKU, or a proposal's id"
    change_list_template = "nightshelf/proposals/list.html"
    page_template = "nightshelf/proposals/page.html"
    nothing = (
        "Proposals come with result files of the kind “products”: upload one, or `manage.py ingest --kind products`."
    )

    @admin.display(description="Product")
    def cell_sku(self, row: Any) -> SafeString:
        known = row.in_catalogue.name if row.in_catalogue else "not in the catalogue"
        return linked(f"{row.pk}/change/", row.sku, known)

    @admin.display(description="Proposed")
    def cell_fields(self, row: ProductProposal) -> SafeString:
        told = ((MARKS[status_of(row, name)], LABELS[name]) for name in proposed(row))
        fields = format_html_join(", ", "{}{}", told)
        return format_html('<div class="ns-wide ns-id">{}<span class="ns-sub">{}</span></div>', row.name or "–", fields)

    @admin.display(description="Category")
    def cell_category(self, row: ProductProposal) -> str:
        return row.category or "–"

    @admin.display(description="Price")
    def cell_price(self, row: ProductProposal) -> SafeString:
        return format_html('<span class="ns-amount">{}</span>', "–" if row.price is None else f"{row.price:,.2f}")

    @admin.display(description="Confidence", ordering="confidence")
    def cell_confidence(self, row: ProductProposal) -> SafeString:
        return stacked("–" if row.confidence is None else f"{row.confidence:.2f}", "lowest of its fields")

    @admin.display(description="Job")
    def cell_job(self, row: ProductProposal) -> SafeString:
        return format_html('<a href="{}" class="ns-link ns-id">{}</a>', links.page("job", row.job_id), row.job.job_id)

    @admin.display(description="State")
    def cell_state(self, row: ProductProposal) -> SafeString:
        return badge(row.state, row.get_state_display())

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        products = products_of(rows)
        for row in rows:
            row.in_catalogue = products.get(row.sku.upper())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProductProposal], search_term: str
    ) -> tuple[QuerySet[ProductProposal], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if (pk := hex_id(term, TRANSACTION_CHARS)) and ProductProposal.objects.filter(pk=pk).exists():
            return queryset.filter(pk=pk), False
        return queryset.alias(upper=Upper("sku")).filter(upper=term.upper()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            chosen = {name: request.GET[name] for name in ("job", "category") if request.GET.get(name)}
            may = request.user.has_perm(PERMISSION)
            response.context_data["accept_url"] = links.accept_many(**chosen) if may else ""
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        pk = hex_id(object_id, TRANSACTION_CHARS)
        people = [f"{name}_by" for name in LABELS]
        found = ProductProposal.objects.select_related("job", "chunk__file", *people)
        return found.filter(pk=pk).first() if pk else None

    def page(self, request: HttpRequest, row: ProductProposal) -> dict[str, Any]:
        return proposal_page(request, row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("accept-many/", view(self.accept_many), name="batches_productproposal_accept_many"),
            path("<path:object_id>/decide/", view(self.decide), name="batches_productproposal_decide"),
            *super().get_urls(),
        ]

    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        audit.permit(request.user, PERMISSION, action="decide", subject="proposal", subject_id=object_id[:64])
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return decided(request, self.found(request, object_id))

    def accept_many(self, request: HttpRequest) -> HttpResponse:
        return accept_many(request, self)

"""Bulk acceptances of proposals: begun from the proposals' list, watched here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches.models import Acceptance
from batches.pages.acceptance import acceptance_page, figures_of
from batches.proposals.fields import LABELS
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten


@admin.register(Acceptance)
class AcceptanceAdmin(MachineWritten):
    list_display = ("cell_name", "cell_status", "cell_chosen", "cell_progress", "cell_by", "cell_created")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), ("created_at", DayRangeFilter))
    list_select_related = ("created_by",)
    list_per_page = 20
    page_template = "nightshelf/proposals/acceptance.html"
    nothing = "Many proposals are accepted at once from their list, by how sure the model was."

    @admin.display(description="Acceptance")
    def cell_name(self, row: Acceptance) -> SafeString:
        return linked(f"{row.pk}/change/", str(row), row.reason)

    @admin.display(description="Status")
    def cell_status(self, row: Acceptance) -> SafeString:
        return badge(row.status, row.get_status_display())

    @admin.display(description="Chosen")
    def cell_chosen(self, row: Acceptance) -> SafeString:
        named = ", ".join(LABELS[name] for name in row.fields)
        filters = ", ".join(f"{name} {value}" for name, value in row.filters.items() if value) or "all proposals"
        return stacked(f"{named} ≥ {row.threshold:.2f}", filters)

    @admin.display(description="Progress")
    def cell_progress(self, row: Any) -> SafeString:
        figures = row.figures
        return format_html(
            '<div class="ns-nowrap">{} of {}<span class="ns-sub">accepted · {} refused</span></div>',
            f"{figures.accepted:,}", f"{figures.total:,}", f"{figures.refused:,}",
        )  # fmt: skip

    @admin.display(description="By")
    def cell_by(self, row: Acceptance) -> str:
        return row.created_by.get_username()

    @admin.display(description="Begun / finished")
    def cell_created(self, row: Acceptance) -> SafeString:
        return stacked(moment(row.created_at), moment(row.finished_at))

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        figures = figures_of(rows)
        for row in rows:
            row.figures = figures[row.pk]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Acceptance.objects.select_related("created_by")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: Acceptance) -> dict[str, Any]:
        return {"opts": None, **acceptance_page(request, row)}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/live/", view(self.live), name="batches_acceptance_live"),
            *super().get_urls(),
        ]

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context = acceptance_page(request, self.found(request, object_id))
        return self.rendered_part(request, "nightshelf/proposals/acceptance_body.html", context)

"""The audit log: what people did and were refused, to be looked at and never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter

from batches.pages.audit import audit_page, subject_url
from monitoring.history.filters import ActorFilter, RequestFilter, TraceFilter
from monitoring.models import AuditEntry
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, moment
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter


class ActionFilter(TextFilter):
    title, parameter_name, hint = "action", "action", "for example redrive"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(action=value)


class SubjectFilter(TextFilter):
    title, parameter_name, hint = "subject", "subject", "for example letter, or letter 17"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        subject, _, number = value.partition(" ")
        queryset = queryset.filter(subject=subject)
        return queryset.filter(subject_id=number.strip()) if number.strip() else queryset


class AllowedFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "outcome", "allowed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Done"), ("no", "Refused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(allowed=wanted)


@admin.register(AuditEntry)
class AuditEntryAdmin(MachineWritten):
    list_display = ("cell_action", "cell_outcome", "cell_subject", "cell_reason", "cell_at")
    list_display_links = None
    list_filter = (
        ActorFilter, ActionFilter, SubjectFilter, AllowedFilter, MomentsFilter, ("at", DayRangeFilter),
        RequestFilter, TraceFilter,
    )  # fmt: skip
    list_before_template = "nightshelf/audit/tabs.html"
    list_select_related = ("actor",)
    page_template = "nightshelf/audit/page.html"
    nothing = "Whatever a person does to letters, groups, redrives and rows, or is refused, is listed here."

    @admin.display(description="Who did what")
    def cell_action(self, entry: AuditEntry) -> SafeString:
        who = entry.actor.get_username() if entry.actor else "the system"
        return linked(f"{entry.pk}/change/", entry.action.replace("_", " "), f"by {who}")

    @admin.display(description="Outcome")
    def cell_outcome(self, entry: AuditEntry) -> SafeString:
        return badge("finished", "Done") if entry.allowed else badge("failed", "Refused")

    @admin.display(description="To what")
    def cell_subject(self, entry: AuditEntry) -> SafeString:
        name, url = str(f"{entry.subject} {entry.subject_id}".strip()), subject_url(entry)
        return linked(url, name) if url else format_html('<span class="ns-id">{}</span>', name)

    @admin.display(description="Why")
    def cell_reason(self, entry: AuditEntry) -> SafeString:
        return format_html('<div class="ns-message">{}</div>', entry.reason or "–")

    @admin.display(description="When")
    def cell_at(self, entry: AuditEntry) -> SafeString:
        return moment(entry.at)

    def page(self, request: HttpRequest, row: AuditEntry) -> dict[str, Any]:
        return audit_page(row)

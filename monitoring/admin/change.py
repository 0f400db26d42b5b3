"""The audit page's list of changes: each row that was added, changed or deleted, and by whom."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from monitoring.history.change import Change, Kind
from monitoring.history.filters import (
    ActorFilter,
    FieldFilter,
    KindFilter,
    ObjectFilter,
    RequestFilter,
    TraceFilter,
    ViaFilter,
)
from monitoring.history.page import AUDIT_PERMISSION
from monitoring.history.readable import Reader, called
from monitoring.history.timeline import TONES, reasons_of
from monitoring.history.track import found
from monitoring.history.who import by_which_way, who_changed
from monitoring.models import AuditEntry
from pages.filters import DayRangeFilter
from pages.list_cells import linked, moment, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter

MOST_TOLD = 3
MOST_ENTRIES = 20


class ChangedFilter(MomentsFilter):
    column = "pgh_created_at"


@admin.register(Change)
class ChangeAdmin(MachineWritten):
    list_display = ("cell_object", "cell_change", "cell_told", "cell_who", "cell_at")
    list_display_links = None
    list_filter = (
        ActorFilter, ObjectFilter, FieldFilter, KindFilter, ViaFilter, ChangedFilter,
        ("pgh_created_at", DayRangeFilter), RequestFilter, TraceFilter,
    )  # fmt: skip
    list_select_related = ("actor",)
    list_before_template = "nightshelf/audit/tabs.html"
    page_template = "nightshelf/history/change.html"
    nothing = "Each row that a person adds, changes or deletes is listed here, also by raw SQL."

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm(AUDIT_PERMISSION))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="What")
    def cell_object(self, change: Change) -> SafeString:
        return linked(f"{change.pk}/change/", f"{called(change).capitalize()} {change.row_id}", change.name)

    @admin.display(description="Change")
    def cell_change(self, change: Change) -> SafeString:
        return kind_badge(change)

    @admin.display(description="Before → after")
    def cell_told(self, change: Any) -> SafeString:
        lines = format_html_join("", "{}", ((told_line(*one),) for one in change.told[:MOST_TOLD]))
        left = len(change.told) - MOST_TOLD
        return format_html('<div>{}<span class="ns-sub">{}</span></div>', lines, f"and {left} more" if left > 0 else "")

    @admin.display(description="Who")
    def cell_who(self, change: Change) -> SafeString:
        return stacked(who_changed(change), by_which_way(change), wrap=True)

    @admin.display(description="When")
    def cell_at(self, change: Change) -> SafeString:
        return moment(change.pgh_created_at)

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        reader = Reader(rows)
        for change in rows:
            change.told = reader.told(change)

    def page(self, request: HttpRequest, row: Change) -> dict[str, Any]:
        request_id = row.request_id
        entries = AuditEntry.objects.filter(request_id=request_id).exclude(request_id="").select_related("actor")
        return {
            "change": row,
            "title": f"{called(row).capitalize()} {row.row_id}",
            "badge": kind_badge(row),
            "told": Reader([row]).told(row),
            "who": who_changed(row),
            "way": by_which_way(row),
            "reasons": reasons_of([row]).get(request_id, []),
            "entries": entries[:MOST_ENTRIES],
            "object_url": object_history(row),
        }


def kind_badge(change: Change) -> SafeString:
    label = change.get_pgh_label_display()
    return format_html('<span class="ns-badge ns-{}">{}</span>', TONES[Kind(change.pgh_label)], label)


def told_line(field: str, before: str, after: str) -> SafeString:
    was = format_html("<del>{}</del> ", _short(before)) if before else ""
    arrow = "→ " if before and after else ""
    became = format_html("<ins>{}</ins>", _short(after)) if after else ""
    return format_html(
        '<span class="ns-change"><span class="ns-muted">{}</span> {}{}{}</span>', field, was, arrow, became
    )


def object_history(change: Change) -> str:
    """'' where the object has no page in the admin."""
    of = found(change.pgh_obj_model)
    app_label, _, model_name = change.pgh_obj_model.partition(".")
    try:
        return reverse(f"admin:{app_label}_{model_name}_history", args=[quote(change.pgh_obj_id)]) if of else ""
    except NoReverseMatch:
        return ""


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"

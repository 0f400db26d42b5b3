"""Imports and exports: begun here, watched, confirmed and cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from catalog.models import Transfer, TransferKind
from catalog.pages import transfers
from catalog.pages.transfer_page import transfer_page
from catalog.transfers.permissions import may
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten


@admin.register(Transfer)
class TransferAdmin(MachineWritten):
    list_display = ("cell_name", "cell_status", "cell_rows", "cell_by", "cell_times")
    list_display_links = None
    list_filter = (("kind", ChoicesRadioFilter), ("status", ChoicesRadioFilter), ("created_at", DayRangeFilter))
    list_select_related = ("started_by",)
    list_per_page = 25
    change_list_template = "nightshelf/transfers/list.html"
    page_template = "nightshelf/transfers/page.html"
    nothing = "Import products from a file, or export them from their list: each time is listed here."

    @admin.display(description="File")
    def cell_name(self, transfer: Transfer) -> SafeString:
        return linked(f"{transfer.pk}/change/", transfer.name, transfer.get_kind_display())

    @admin.display(description="Status")
    def cell_status(self, transfer: Transfer) -> SafeString:
        return badge(transfer.status, transfer.get_status_display())

    @admin.display(description="Rows")
    def cell_rows(self, transfer: Transfer) -> SafeString:
        told = transfers.told_rows(transfer)
        return format_html('<div class="ns-nowrap">{}<span class="ns-sub">{}</span></div>', *told)

    @admin.display(description="By")
    def cell_by(self, transfer: Transfer) -> str:
        return transfer.started_by.get_username() if transfer.started_by else "–"

    @admin.display(description="Begun / over")
    def cell_times(self, transfer: Transfer) -> SafeString:
        return stacked(moment(transfer.created_at), moment(transfer.finished_at))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A transfer shows products, and is for whoever may see them."""
        return may(request.user, TransferKind.EXPORT)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Transfer.objects.select_related("started_by")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: Transfer) -> dict[str, Any]:
        return transfer_page(request, row)

    def get_urls(self) -> list[URLPattern]:
        return [*transfers.urls(self), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), **transfers.buttons(request)})

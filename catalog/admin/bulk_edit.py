"""Bulk edits: watched, and cancelled. They are begun from the list of products."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from catalog.models import BulkEdit
from catalog.pages import links
from catalog.pages.bulk_edit import bulk_edit_page
from catalog.products.cancel_bulk import cancel_bulk
from catalog.products.refused import Refused
from catalog.products.save_product import PERMISSION
from monitoring import audit
from pages.confirm import ReasonForm, confirm_page
from pages.figures import things
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten


@admin.register(BulkEdit)
class BulkEditAdmin(MachineWritten):
    list_display = ("cell_edit", "cell_status", "cell_progress", "cell_by", "cell_created")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), ("verb", ChoicesRadioFilter))
    list_select_related = ("started_by",)
    page_template = "nightshelf/products/bulk_edit.html"
    nothing = "Change prices, categories or statuses of many products from their list."

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkEdit]:
        found: QuerySet[BulkEdit] = super().get_queryset(request).defer("ids")
        return found

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see products may see what was done to them."""
        return bool(request.user.has_perm("catalog.view_product"))

    @admin.display(description="Bulk edit")
    def cell_edit(self, edit: BulkEdit) -> SafeString:
        return linked(links.page("bulkedit", edit.pk), edit.get_verb_display(), edit.reason)

    @admin.display(description="Status")
    def cell_status(self, edit: BulkEdit) -> SafeString:
        return badge(edit.status, edit.get_status_display())

    @admin.display(description="Progress")
    def cell_progress(self, edit: BulkEdit) -> SafeString:
        refused = f" · {edit.refused:,} refused" if edit.refused else ""
        return format_html(
            '<div class="ns-nowrap">{} of {}<span class="ns-sub">{} changed{}</span></div>',
            f"{edit.done:,}", f"{edit.total:,}", f"{edit.changed:,}", refused,
        )  # fmt: skip

    @admin.display(description="By")
    def cell_by(self, edit: BulkEdit) -> str:
        return edit.started_by.get_username()

    @admin.display(description="Begun / finished")
    def cell_created(self, edit: BulkEdit) -> SafeString:
        return stacked(moment(edit.created_at), moment(edit.finished_at))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> BulkEdit | None:
        found = BulkEdit.objects.select_related("started_by").defer("ids")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: BulkEdit) -> dict[str, Any]:
        return {"opts": None, **bulk_edit_page(row, may_cancel=request.user.has_perm(PERMISSION))}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/live/", view(self.live), name="catalog_bulkedit_live"),
            path("<path:object_id>/cancel/", view(self.cancel), name="catalog_bulkedit_cancel"),
            *super().get_urls(),
        ]

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context = self.page(request, self.found(request, object_id))
        return self.rendered_part(request, "nightshelf/products/bulk_edit_body.html", context)

    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        edit: BulkEdit = self.found(request, object_id)
        audit.permit(request.user, PERMISSION, action="cancel", subject="bulk edit", subject_id=edit.pk)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                cancel_bulk(edit.pk, actor=request.user, reason=form.cleaned_data["reason"])
                self.message_user(request, "Cancelled. What was changed stays so.", messages.SUCCESS)
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            return HttpResponseRedirect(links.page("bulkedit", edit.pk))
        return confirm_page(
            request, self, form, heading=f"Cancel bulk edit {edit.pk}", button="Cancel it", danger=True,
            text=f"What is changed by now ({things(edit.changed, 'product')}) stays so. What waits"
            f" ({things(edit.total - edit.done, 'product')}) is left as it is.",
            back=links.page("bulkedit", edit.pk), crumb=str(edit).capitalize(),
        )  # fmt: skip

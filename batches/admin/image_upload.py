"""Photographed receipts: whose, where they lie, and the trace they began."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches.admin.filters import DayRangeFilter, UserFilter
from batches.admin.machine_written import MachineWritten
from batches.models import ImageUpload, Transaction
from batches.pages.list_cells import badge, linked, moment
from batches.search import TRACE_CHARS, hex_id


@admin.register(ImageUpload)
class ImageUploadAdmin(MachineWritten):
    list_display = ("cell_image", "cell_status", "cell_user", "cell_trace", "cell_uploaded")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), UserFilter, ("uploaded_at", DayRangeFilter))
    search_fields = ("image_id",)
    search_help_text = "Image or trace"
    page_template = "nightshelf/files/image.html"
    nothing = "Photographed receipts appear here as they are uploaded by day."

    @admin.display(description="Image")
    def cell_image(self, upload: ImageUpload) -> SafeString:
        return linked(f"{upload.pk}/change/", upload.image_id, upload.key)

    @admin.display(description="Status")
    def cell_status(self, upload: ImageUpload) -> SafeString:
        return badge(upload.status, upload.get_status_display())

    @admin.display(description="User")
    def cell_user(self, upload: ImageUpload) -> SafeString:
        return format_html('<span class="ns-id">{}</span>', upload.user_id)

    @admin.display(description="Trace")
    def cell_trace(self, upload: ImageUpload) -> SafeString:
        return format_html('<code class="ns-id">{}</code>', upload.trace_id)

    @admin.display(description="Uploaded")
    def cell_uploaded(self, upload: ImageUpload) -> SafeString:
        return moment(upload.uploaded_at)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        matching = Q(image_id__startswith=term)
        if trace := hex_id(term, TRACE_CHARS):
            matching |= Q(trace_id=trace)
        return queryset.filter(matching), False

    def page(self, request: HttpRequest, row: ImageUpload) -> dict[str, Any]:
        return {"upload": row, "transactions": Transaction.objects.filter(image_id=row.image_id)[:20]}

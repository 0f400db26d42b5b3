"""Result files: every version of every object that has landed, and the door for one by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches import balance
from batches.admin.filters import JobFilter
from batches.balance import Balance
from batches.models import ResultFile
from batches.pages import links
from batches.pages.files import file_row
from batches.pages.upload import upload
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten


@admin.register(ResultFile)
class ResultFileAdmin(MachineWritten):
    list_display = ("cell_key", "cell_status", "cell_job", "cell_size", "cell_door", "cell_received")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), JobFilter, ("received_at", DayRangeFilter))
    list_select_related = ("job",)
    search_fields = ("key",)
    search_help_text = "Key, from its beginning"
    page_template = "nightshelf/files/page.html"
    nothing = "No result file has landed. Upload one, run `manage.py ingest`, or put one under batch-output/{job}/."

    @admin.display(description="File")
    def cell_key(self, file: ResultFile) -> SafeString:
        return linked(f"{file.pk}/change/", file.key.rpartition("/")[2], file.key.rpartition("/")[0])

    @admin.display(description="Status")
    def cell_status(self, file: ResultFile) -> SafeString:
        return badge(file.status, file.get_status_display())

    @admin.display(description="Job")
    def cell_job(self, file: ResultFile) -> SafeString:
        return linked(links.page("job", file.job_id), file.job.job_id)

    @admin.display(description="Size")
    def cell_size(self, file: ResultFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description="Door")
    def cell_door(self, file: ResultFile) -> str:
        return file.door

    @admin.display(description="Received / finished")
    def cell_received(self, file: ResultFile) -> SafeString:
        return stacked(moment(file.received_at), moment(file.finished_at))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # The unique key begins with the bucket, so files are few enough to be looked through for a beginning.
        return (queryset.filter(key__startswith=search_term.strip()) if search_term else queryset), False

    def page(self, request: HttpRequest, row: ResultFile) -> dict[str, Any]:
        sums = balance.of_files([row.pk]).get(row.pk, Balance())
        shown = file_row(row, row.job, sums)
        return {"row": shown, "file": row, "job": row.job, "balance": sums, "terms": shown.terms}

    def get_urls(self) -> list[URLPattern]:
        return [
            path("upload/", self.admin_site.admin_view(self.upload), name="batches_upload"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        return upload(request, self)

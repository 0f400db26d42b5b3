"""Jobs: the list that is watched, and the page that explains one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter

from batches import kinds
from batches.admin.filters import UserFilter
from batches.models import Job
from batches.pages import job_cells, live, progress
from batches.pages.job import job_page
from batches.pages.progress import Progress
from batches.search import TRACE_CHARS, hex_id
from batches.states import JobStatus
from pages.filters import DayRangeFilter
from pages.machine_written import MachineWritten

MOST_FOLLOWED = 100


class KindFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return kinds.labels()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


def _cell(name: str, description: str) -> Callable[..., SafeString]:
    @admin.display(description=description)
    def cell(self: JobAdmin, job: Any) -> SafeString:
        return job_cells.cell(name, job.progress)

    return cell


@admin.register(Job)
class JobAdmin(MachineWritten):
    list_display = tuple(f"cell_{name}" for name in job_cells.NAMES)
    list_filter = (("status", ChoicesRadioFilter), KindFilter, UserFilter, ("created_at", DayRangeFilter))
    list_per_page = 25
    list_display_links = None
    search_fields = ("job_id",)
    search_help_text = "Job, intent, user or trace"
    change_list_template = "nightshelf/jobs/list.html"
    page_template = "nightshelf/job/page.html"
    nothing = "No job yet. Upload a result file, run `manage.py ingest`, or let one land under batch-output/."

    cell_name = _cell("name", "Job")
    cell_state = _cell("state", "Status")
    cell_progress = _cell("progress", "Progress")
    cell_read = _cell("read", "Read")
    cell_inserted = _cell("inserted", "Inserted")
    cell_updated = _cell("updated", "Updated")
    cell_unchanged = _cell("unchanged", "Unchanged")
    cell_superseded = _cell("superseded", "Superseded")
    cell_dead = _cell("dead", "Dead")
    cell_times = _cell("times", "Created, finished")

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        shown = progress.of_jobs(rows)
        for job in rows:
            job.progress = shown[job.pk]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        matching = Q(job_id__startswith=term) | Q(intent_id__startswith=term) | Q(user_id=term)
        if trace := hex_id(term, TRACE_CHARS):
            matching |= Q(trace_id=trace)
        return queryset.filter(matching), False

    def page(self, request: HttpRequest, row: Job) -> dict[str, Any]:
        return job_page(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *live.urls(self),
            path("live/", view(self.live_list), name="batches_job_live"),
            path("<path:object_id>/live/", view(self.live_page), name="batches_job_live_page"),
            *super().get_urls(),
        ]

    def live_list(self, request: HttpRequest) -> HttpResponse:
        """The cells of the jobs asked for. The poller that comes with them goes on while one of them runs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pks = [int(pk) for pk in request.GET.getlist("id")[:MOST_FOLLOWED] if pk.isdecimal() and len(pk) < 19]
        shown = progress.of_jobs(Job.objects.filter(pk__in=pks)).values()
        context = {"cells": [cell for one in shown for cell in job_cells.cells(one)], "followed": followed(shown)}
        return self.rendered_part(request, "nightshelf/jobs/live.html", context)

    def live_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.rendered_part(request, "nightshelf/job/body.html", job_page(self.found(request, object_id)))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            rows = response.context_data["cl"].result_list
            response.context_data["followed"] = followed(job.progress for job in rows)
        return response


def followed(shown: Iterable[Progress]) -> list[int]:
    """The jobs that are worth asking for again."""
    return [one.job.pk for one in shown if one.job.status in (JobStatus.RUNNING, JobStatus.WAITING)]

"""Redrives: begun here, watched, paused, resumed and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches.letters import progress
from batches.letters.cancel import cancel_redrive
from batches.letters.hold import may_steer
from batches.letters.pause import pause_redrive
from batches.letters.refused import Refused
from batches.letters.resume import resume_redrive
from batches.models import Redrive
from batches.pages import links
from batches.pages.redrive import redrive_page
from batches.pages.redrive_new import redrive_new, redrive_try
from batches.pages.redrive_rows import redrive_rows
from pages.confirm import ReasonForm, confirm_page
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter

STEER: dict[str, tuple[Callable[..., object], str]] = {
    "pause": (pause_redrive, "Paused: no further letter is begun."),
    "resume": (resume_redrive, "It goes on where it was."),
    "cancel": (cancel_redrive, "Cancelled. What was put right stays so."),
}


class RanFilter(MomentsFilter):
    """Begun before the end of them, and not finished before their beginning."""

    title, parameter_name = "moments it ran in", "ran"

    def within(self, queryset: QuerySet[Any], first: datetime, last: datetime) -> QuerySet[Any]:
        return queryset.filter(Q(finished_at=None) | Q(finished_at__gte=first), created_at__lt=last)


@admin.register(Redrive)
class RedriveAdmin(MachineWritten):
    list_display = ("cell_name", "cell_status", "cell_chosen", "cell_progress", "cell_by", "cell_created")
    list_display_links = None
    list_filter = (("status", ChoicesRadioFilter), ("created_at", DayRangeFilter), RanFilter)
    list_select_related = ("created_by", "group")
    list_per_page = 20
    page_template = "nightshelf/redrives/page.html"
    nothing = "Letters are redriven from a problem, from a letter, or from the list of dead letters by its filters."

    @admin.display(description="Redrive")
    def cell_name(self, redrive: Redrive) -> SafeString:
        return linked(f"{redrive.pk}/change/", str(redrive), redrive.reason)

    @admin.display(description="Status")
    def cell_status(self, redrive: Redrive) -> SafeString:
        return badge(redrive.status, redrive.get_status_display())

    @admin.display(description="Chosen")
    def cell_chosen(self, redrive: Any) -> SafeString:
        if redrive.group:
            return linked(links.page("lettergroup", redrive.group_id), str(redrive.group), redrive.row.chosen)
        return stacked(redrive.row.chosen, "", wrap=True)

    @admin.display(description="Progress")
    def cell_progress(self, redrive: Any) -> SafeString:
        figures = redrive.row.figures
        failed = f" · {figures.failed:,} failed again" if figures.failed else ""
        return format_html(
            '<div class="ns-nowrap">{} of {}<span class="ns-sub">put right{}</span></div>',
            f"{figures.put_right:,}", f"{figures.total:,}", failed,
        )  # fmt: skip

    @admin.display(description="By")
    def cell_by(self, redrive: Redrive) -> str:
        return redrive.created_by.get_username()

    @admin.display(description="Begun / finished")
    def cell_created(self, redrive: Redrive) -> SafeString:
        return stacked(moment(redrive.created_at), moment(redrive.finished_at))

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        figures = progress.of_redrives(redrive.pk for redrive in rows)
        for redrive, row in zip(rows, redrive_rows(rows, figures), strict=True):
            redrive.row = row

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Redrive.objects.select_related("created_by", "rule", "group")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: Redrive) -> dict[str, Any]:
        return {"opts": None, **redrive_page(request, row)}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new), name="batches_redrive_new"),
            path("new/try/", view(self.try_out), name="batches_redrive_try"),
            path("<path:object_id>/live/", view(self.live), name="batches_redrive_live"),
            *[
                path(f"<path:object_id>/{verb}/", view(self.steer), {"verb": verb}, name=f"batches_redrive_{verb}")
                for verb in STEER
            ],
            *super().get_urls(),
        ]

    def new(self, request: HttpRequest) -> HttpResponse:
        return redrive_new(request, self)

    def try_out(self, request: HttpRequest) -> HttpResponse:
        return redrive_try(request, self)

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context = redrive_page(request, self.found(request, object_id))
        return self.rendered_part(request, "nightshelf/redrives/body.html", context)

    def steer(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Pausing and resuming are done at once; cancelling cannot be taken back, so it is asked about."""
        redrive = self.found(request, object_id)
        may_steer(request.user, verb, redrive.pk, "")
        if verb == "cancel":
            return self._cancel(request, redrive)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return self._steered(request, redrive, verb, request.POST.get("reason", ""))

    def _cancel(self, request: HttpRequest, redrive: Redrive) -> HttpResponse:
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            return self._steered(request, redrive, "cancel", form.cleaned_data["reason"])
        figures = progress.of_redrive(redrive.pk)
        return confirm_page(
            request, self, form, heading=f"Cancel redrive {redrive.pk}", button="Cancel it", danger=True,
            text=f"{figures.waiting:,} letters that wait are set free, for another redrive or to be discarded. The"
            f" {figures.put_right:,} that were put right stay so. It cannot be begun again; pausing can.",
            back=links.page("redrive", redrive.pk), crumb=str(redrive),
        )  # fmt: skip

    def _steered(self, request: HttpRequest, redrive: Redrive, verb: str, reason: str) -> HttpResponse:
        do, said = STEER[verb]
        try:
            do(redrive.pk, actor=request.user, reason=reason)
            self.message_user(request, said, messages.SUCCESS)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        return HttpResponseRedirect(links.page("redrive", redrive.pk))

"""Dead letters: found by reason, explained, with the original line within reach."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches import original_line
from batches.admin.filters import FileFilter, JobFilter, UserFilter
from batches.letters.filters import BY, GROUP_CHARS
from batches.models import DeadLetter
from batches.pages import line_views, links, reasons
from batches.pages.edit_letter import edit_page
from batches.pages.give_up import give_up
from batches.pages.letter import letter_page
from batches.pages.matching import matching
from batches.pages.numbering import lines_before, number_in_file
from batches.pages.permitted import permitted
from batches.search import hex_id
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import age, badge, excerpt, linked, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter


class ReasonFilter(TextFilter):
    title, parameter_name, hint = "reason", "code", "for example invalid_amount"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["code"](queryset, value)


class FieldFilter(TextFilter):
    title, parameter_name, hint = "field", "field", "for example amount"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["field"](queryset, value)


class LettersFileFilter(FileFilter):
    def in_file(self, queryset: QuerySet[Any], file: int) -> QuerySet[Any]:
        return BY["file"](queryset, str(file))


class LettersJobFilter(JobFilter):
    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["job"](queryset, value)


class LettersUserFilter(UserFilter):
    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["user"](queryset, value)


class GroupFilter(TextFilter):
    title, parameter_name, hint = "group", "group", "fingerprint"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["group"](queryset, value) if hex_id(value, GROUP_CHARS) else queryset.none()


class RedriveFilter(TextFilter):
    title, parameter_name, hint = "redrive", "redrive", "letters that this redrive left"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return BY["redrive"](queryset, value) if value.isdecimal() and len(value) < 19 else queryset.none()


class WrittenFilter(MomentsFilter):
    parameter_name, column = "written", "created_at"


@admin.register(DeadLetter)
class DeadLetterAdmin(MachineWritten):
    list_display = ("cell_reason", "cell_message", "cell_place", "cell_job", "cell_age", "cell_status")
    list_display_links = None
    list_filter = (
        ("kind", ChoicesRadioFilter), ("status", ChoicesRadioFilter), ReasonFilter, FieldFilter, LettersJobFilter,
        LettersFileFilter, GroupFilter, LettersUserFilter, RedriveFilter,
        WrittenFilter, ("created_at", DayRangeFilter),
    )  # fmt: skip
    list_select_related = ("job", "file")
    list_disable_select_all = True  # all that match are redriven and discarded by the links above the list
    actions = ("redrive", "discard")
    search_fields = ("record_id",)
    search_help_text = "Image, transaction, trace or reason"
    change_list_template = "nightshelf/letters/list.html"
    page_template = "nightshelf/letters/page.html"
    nothing = "Every line that was read became a row. What cannot be taken in is listed here, with its reason."

    @admin.display(description="Reason")
    def cell_reason(self, letter: DeadLetter) -> SafeString:
        return format_html(
            '<div class="ns-nowrap"><a href="{}" class="ns-strong">{}</a><span class="ns-sub">{}</span></div>',
            f"{letter.pk}/change/",
            letter.code,
            " · ".join(filter(None, (letter.get_kind_display(), letter.field))),
        )

    @admin.display(description="What is wrong")
    def cell_message(self, letter: DeadLetter) -> SafeString:
        return format_html('<div class="ns-message">{}{}</div>', letter.message, excerpt(letter.excerpt))

    @admin.display(description="File and line")
    def cell_place(self, letter: Any) -> SafeString:
        if letter.file is None:
            return stacked(letter.source.rpartition("@")[0] or "–", "", wrap=True)
        where = f"line {letter.number:,}" if letter.number else f"byte {letter.offset:,}" if letter.offset else ""
        return stacked(letter.file.key.rpartition("/")[2], where, wrap=True)

    @admin.display(description="Job")
    def cell_job(self, letter: DeadLetter) -> SafeString:
        return (
            linked(links.page("job", letter.job_id), letter.job.job_id, letter.record_id)
            if letter.job
            else stacked("–", "")
        )

    @admin.display(description="Age")
    def cell_age(self, letter: DeadLetter) -> SafeString:
        return age(letter.created_at)

    @admin.display(description="Status")
    def cell_status(self, letter: DeadLetter) -> SafeString:
        return badge(letter.status, letter.get_status_display())

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        before = lines_before(letter.chunk_id for letter in rows)
        for letter in rows:
            letter.number = number_in_file(before.get(letter.chunk_id), letter.line)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DeadLetter], search_term: str
    ) -> tuple[QuerySet[DeadLetter], bool]:
        term = search_term.strip()
        return (BY["text"](queryset, term) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            cl = response.context_data["cl"]
            where = {name: value for name, value in request.GET.items() if name not in ("code", "p", "q")}
            found = reasons.of_letters(cl.queryset, None, **where)
            response.context_data |= {"reasons": found.reasons, "reasons_more": found.more, **matching(request)}
        return response

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        return permitted(request)["redrive"]

    def has_discard_permission(self, request: HttpRequest) -> bool:
        return permitted(request)["discard"]

    @admin.action(permissions=["redrive"], description="Redrive the selected letters")
    def redrive(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:batches_redrive_new')}?ids={_selected(queryset)}")

    @admin.action(permissions=["discard"], description="Discard the selected letters")
    def discard(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:batches_deadletter_discard')}?ids={_selected(queryset)}")

    def page(self, request: HttpRequest, row: DeadLetter) -> dict[str, Any]:
        return letter_page(request, row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("discard/", view(self.give_up), {"verb": "discard"}, name="batches_deadletter_discard"),
            path("restore/", view(self.give_up), {"verb": "restore"}, name="batches_deadletter_restore"),
            path("<path:object_id>/edit/", view(self.edit), name="batches_deadletter_edit"),
            path("<path:object_id>/line/", view(self.line), name="batches_deadletter_line"),
            path("<path:object_id>/preview/", view(self.preview), name="batches_deadletter_preview"),
            *super().get_urls(),
        ]

    def give_up(self, request: HttpRequest, verb: str) -> HttpResponse:
        return give_up(request, self, verb)

    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return edit_page(request, self, self.found(request, object_id))

    def line(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        letter = self._with_line(request, object_id)

        def page(context: dict[str, Any]) -> TemplateResponse:
            return self.rendered(request, "nightshelf/unavailable.html", {"original": letter, **context})

        return line_views.download(lambda: original_line.of_letter(letter), f"letter-{letter.pk}.jsonl", page)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        letter = self._with_line(request, object_id)
        return line_views.previewed(request, lambda: original_line.of_letter(letter), letter.field, letter.excerpt)

    def _with_line(self, request: HttpRequest, object_id: str) -> DeadLetter:
        letter: DeadLetter = self.found(request, object_id)
        if not original_line.has_line(letter):
            raise Http404("This letter is not about a line.")
        return letter


def _selected(queryset: QuerySet[DeadLetter]) -> str:
    """A list page's worth at most."""
    return ",".join(
        str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[: DeadLetterAdmin.list_per_page]
    )

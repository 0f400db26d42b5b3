"""Problems: dead letters by what is wrong with them, and what people say and do about each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from batches.letters.group_status import PERMISSION, mute_group, reopen_group, resolve_group
from batches.models import LetterGroup
from batches.pages import links
from batches.pages.group import group_page
from batches.pages.problems import problems_page
from batches.pages.rule import rule_page
from monitoring import audit
from pages.confirm import ReasonForm, confirm_page
from pages.machine_written import MachineWritten

VERBS = {"resolve": resolve_group, "mute": mute_group, "reopen": reopen_group}
DONE = {"resolve": "resolved", "mute": "muted", "reopen": "open again"}
TEXTS = {
    "resolve": "Say that its cause is put right. Letters that are open stay open, to be redriven or discarded; a new"
    " one opens the problem again and marks it as come back.",
    "mute": "It leaves the list of open problems, and stays away whatever comes. Its letters stay as they are.",
    "reopen": "It is listed among the open problems again.",
}


@admin.register(LetterGroup)
class LetterGroupAdmin(MachineWritten):
    page_template = "nightshelf/problems/page.html"
    nothing = "Every line that was read became a row. Lines that cannot be taken in are gathered here by what is wrong."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A list of our own: what hurts most comes first, and that is no column of a table."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]
        context = {**self.heading("Problems"), "nothing": self.nothing, **problems_page(request.GET)}
        return self.rendered(request, "nightshelf/problems/list.html", context)

    def page(self, request: HttpRequest, row: LetterGroup) -> dict[str, Any]:
        return {**group_page(request, row), **self.heading(f"Problem {row}")}

    def heading(self, title: object) -> dict[str, Any]:
        """Without the table's own name in front of it: people call a group of letters a problem."""
        return {"opts": None, "model_admin": None, "title": title, "content_title": title}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/rule/", view(self.rule), name="batches_lettergroup_rule"),
            *[
                path(f"<path:object_id>/{verb}/", view(self.say), {"verb": verb}, name=f"batches_lettergroup_{verb}")
                for verb in VERBS
            ],
            *super().get_urls(),
        ]

    def rule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return rule_page(request, self, self.found(request, object_id))

    def say(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Resolve, mute or reopen."""
        group = self.found(request, object_id)
        audit.permit(request.user, PERMISSION, action=verb, subject="group", subject_id=group.pk)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            changed = VERBS[verb](group.pk, actor=request.user, reason=form.cleaned_data["reason"])
            said = f"The problem is {DONE[verb]}." if changed else f"Nothing changed: it is {group.status} already."
            self.message_user(request, said, messages.SUCCESS if changed else messages.INFO)
            return HttpResponseRedirect(links.page("lettergroup", group.pk))
        return confirm_page(
            request, self, form, heading=f"{verb.capitalize()} {group}", text=TEXTS[verb],
            button=verb.capitalize(), model_admin=None,
            back=links.page("lettergroup", group.pk), crumb=str(group),
        )  # fmt: skip

"""A problem's rule: written in small operations, tried on samples, kept as a version with a reason.

Everything the person has filled in travels with the form; nothing is kept before `step=save`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from batches.letters.dry_run import dry_run
from batches.letters.filters import LetterFilter
from batches.letters.patch import OPERATIONS, BadRule, checked
from batches.letters.refused import Refused
from batches.letters.write_rule import PERMISSION, write_rule
from batches.models import LetterGroup, PatchRule
from batches.pages import links, operation_form
from batches.pages.group import rule_rows
from batches.pages.permitted import permitted
from batches.pages.shown_try import tries_of
from batches.states import LetterStatus
from monitoring import audit
from pages.reason import NoReason
from storage.port import StorageAway

SAMPLES = 20
Operations = list[dict[str, Any]]


def rule_page(request: HttpRequest, admin: Any, group: LetterGroup) -> HttpResponse:
    """Sent with `step` add, remove, preview or save."""
    audit.permit(request.user, PERMISSION, action="write_rule", subject="group", subject_id=group.pk)
    if request.method != "POST":
        return _page(request, admin, group, _first(group))
    operations, step = operation_form.sent(request.POST.dict()), request.POST.get("step", "")
    if step == "add" and (kind := request.POST.get("kind")) in OPERATIONS:
        operations = [*operations, {"op": kind, "field": group.field.rpartition(".")[2]}]
        return _page(request, admin, group, operations)
    if step.startswith("remove-"):
        left = [each for number, each in enumerate(operations) if step != f"remove-{number}"]
        return _page(request, admin, group, left)
    if step == "save":
        return _saved(request, admin, group, operations)
    return _page(request, admin, group, operations, **_tried(request, group, operations))


def _first(group: LetterGroup) -> Operations:
    newest = PatchRule.objects.filter(group=group).order_by("-version").first()
    return list(newest.operations) if newest else operation_form.suggested(group)


def _saved(request: HttpRequest, admin: Any, group: LetterGroup, operations: Operations) -> HttpResponse:
    try:
        rule = write_rule(
            str(group.pk), operations, why=request.POST.get("reason", ""), actor=request.user
        )  # fmt: skip
    except BadRule as fault:
        return _page(request, admin, group, operations, problems=fault.problems)
    except (NoReason, Refused) as fault:
        return _page(request, admin, group, operations, reason_fault=str(fault))
    messages.success(request, f"Rule version {rule.version} is kept. Nothing is read by it until letters are redriven.")
    if request.user.has_perm("batches.redrive_deadletter"):
        where = f"{reverse('admin:batches_redrive_new')}?group={group.pk}&status={LetterStatus.OPEN}&rule={rule.pk}"
        return HttpResponseRedirect(where)
    return HttpResponseRedirect(links.page("lettergroup", group.pk))


def _tried(request: HttpRequest, group: LetterGroup, operations: Operations) -> dict[str, Any]:
    which = LetterFilter(group=str(group.pk), status=str(LetterStatus.OPEN))
    try:
        checked(operations)
        if not permitted(request)["redrive"]:
            return {"fault": "Trying a rule needs the permission to redrive letters. It can be kept without."}
        return tries_of(dry_run(which, actor=request.user, operations=operations, most=SAMPLES))
    except BadRule as fault:
        return {"problems": fault.problems}
    except (Refused, StorageAway) as fault:
        return {"fault": str(fault)}


def _page(request: HttpRequest, admin: Any, group: LetterGroup, operations: Operations, **tried: Any) -> HttpResponse:
    context = {
        "title": f"A rule for {group}",
        "content_title": f"A rule for {group}",
        "opts": None,
        "model_admin": None,
        "group": group,
        "operations": operation_form.fields_of(operations),
        "kinds": operation_form.kinds(),
        "rules": rule_rows(str(group.pk)),
        "reason": request.POST.get("reason", ""),
        "sample": group.members.filter(status=LetterStatus.OPEN).order_by("-id").first(),
        "tried": "run" in tried or "fault" in tried,
        **tried,
    }
    response = admin.rendered(request, "nightshelf/problems/rule.html", context)
    response.status_code = 422 if {"problems", "reason_fault"} & tried.keys() else 200
    return response  # type: ignore[no-any-return]

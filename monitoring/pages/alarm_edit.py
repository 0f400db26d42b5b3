"""A rule is written, tried on the last 24 hours as it is being written, and kept with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from monitoring import audit
from monitoring.alarms.points import settled
from monitoring.alarms.preview import Preview, preview
from monitoring.alarms.refused import Refused
from monitoring.alarms.save_rule import add_rule, change_rule
from monitoring.alarms.tell import page
from monitoring.models import AlarmRule
from monitoring.pages.alarm_form import AlarmRuleForm
from monitoring.pages.alarm_verbs import rules_list

ADD, CHANGE = "monitoring.add_alarmrule", "monitoring.change_alarmrule"


def edit_page(request: HttpRequest, admin: Any, rule: AlarmRule | None) -> HttpResponse:
    """`rule` None: a new one. Sent with `step` preview or save."""
    permission, action = (CHANGE, "change") if rule else (ADD, "add")
    subject_id = rule.pk if rule else ""
    audit.permit(request.user, permission, action=action, subject="alarm rule", subject_id=subject_id)
    if request.method != "POST":
        return _page(request, admin, rule, AlarmRuleForm(instance=rule or _suggested()))
    form = AlarmRuleForm(request.POST, instance=AlarmRule.objects.get(pk=rule.pk) if rule else None)
    if request.POST.get("step") == "preview":
        form.is_valid()
        form.errors.pop("reason", None)
        return _page(request, admin, rule, form)
    if form.is_valid() and (pk := _kept(request, rule, form)):
        messages.success(request, "Kept. The next look, within a minute, judges by it.")
        return HttpResponseRedirect(page(pk))
    response = _page(request, admin, rule, form)
    response.status_code = 422
    return response


def preview_part(request: HttpRequest, admin: Any) -> HttpResponse:
    """What the form says so far, tried; fetched by the form itself at each change."""
    if not (request.user.has_perm(ADD) or request.user.has_perm(CHANGE)):
        audit.permit(request.user, CHANGE, action="change", subject="alarm rule")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    seen = request.POST.get("rule", "")
    rule = AlarmRule.objects.filter(pk=seen).first() if seen.isdecimal() and len(seen) < 19 else None
    form = AlarmRuleForm(request.POST, instance=rule)
    response: HttpResponse = admin.rendered_part(request, "nightshelf/alarms/preview.html", {"tried": _tried(form)})
    return response


def _kept(request: HttpRequest, rule: AlarmRule | None, form: AlarmRuleForm) -> int | None:
    reason = form.cleaned_data["reason"]
    try:
        if rule is None:
            return add_rule(form.as_rule(), actor=request.user, reason=reason).pk
        seen = form.cleaned_data["seen"] or 0
        change_rule(rule.pk, seen, form.values(), actor=request.user, reason=reason)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    except IntegrityError:
        form.add_error("name", "Another rule has this name: choose another.")
        return None
    return rule.pk


def _page(request: HttpRequest, admin: Any, rule: AlarmRule | None, form: AlarmRuleForm) -> HttpResponse:
    context = {
        "opts": None, "original": rule, "title": f"Change {rule.name}" if rule else "New alarm rule", "form": form,
        "rule": rule, "back": page(rule.pk) if rule else rules_list(), "crumb": rule.name if rule else "Alarm rules",
        "tried": _tried(form) if form.is_bound else None,  # fetched by the page itself, which need not wait for it
        "preview_url": reverse("admin:monitoring_alarmrule_preview"),
    }  # fmt: skip
    response: HttpResponse = admin.rendered(request, "nightshelf/alarms/form.html", context)
    return response


def _tried(form: AlarmRuleForm) -> Preview | None:
    form.is_valid()
    return preview(form.as_rule(), settled(timezone.now())) if form.worded() else None


def _suggested() -> AlarmRule:
    return AlarmRule(metric="batch.lines", statistic="errors", datapoints_to_alarm=2, evaluation_periods=2)

"""What can be done about a rule, each behind a question: acknowledge, mute, test, enable, disable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from monitoring import audit
from monitoring.alarms.acknowledge import PERMISSION as MAY_ACKNOWLEDGE
from monitoring.alarms.acknowledge import acknowledge
from monitoring.alarms.mute import PERMISSION as MAY_MUTE
from monitoring.alarms.mute import mute, unmute
from monitoring.alarms.refused import Refused
from monitoring.alarms.send_test import send_test
from monitoring.alarms.switch import PERMISSION as MAY_SWITCH
from monitoring.alarms.switch import switch
from monitoring.alarms.tell import page
from monitoring.models import AlarmRule
from pages.confirm import ReasonForm, confirm_page, reason_field

LENGTHS = {"1": "1 hour", "4": "4 hours", "12": "12 hours", "24": "1 day", "72": "3 days", "168": "1 week"}


class MuteForm(forms.Form):
    """For so long, or until a moment of the business's zone."""

    hours = forms.ChoiceField(
        label="For", choices=[*LENGTHS.items(), ("", "Until the moment below")], required=False, initial="1",
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    until = forms.DateTimeField(
        label="Until", required=False, help_text="Within 30 days.",
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "ns-input"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )  # fmt: skip
    reason = reason_field("It stands beside the alarm, and in the audit log.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if hours := data.get("hours"):
            data["until"] = timezone.now() + timedelta(hours=int(hours))
        elif not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Say until when.")
        return data


def acknowledge_page(request: HttpRequest, admin: Any, rule: AlarmRule) -> HttpResponse:
    _permit(request, MAY_ACKNOWLEDGE, "acknowledge", rule)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        note = form.cleaned_data["reason"]
        return _done(
            request, rule, lambda: acknowledge(rule.pk, actor=request.user, note=note), "Acknowledged until it ends."
        )
    form.fields["reason"].label = "What you are doing about it"
    return confirm_page(
        request, admin, form, heading=f"Acknowledge {rule.name}", button="Acknowledge", back=page(rule.pk),
        text="Everybody sees that you have seen to it. It ends with the alarm: the next one is told anew.",
        crumb=rule.name,
    )  # fmt: skip


def mute_page(request: HttpRequest, admin: Any, rule: AlarmRule | None) -> HttpResponse:
    """`rule` None: all of them."""
    _permit(request, MAY_MUTE, "mute", rule)
    form = MuteForm(request.POST or None)
    back, name = (page(rule.pk), rule.name) if rule else (rules_list(), "all alarms")
    if form.is_valid():
        data = form.cleaned_data
        pk = rule.pk if rule else None
        try:
            mute(pk, actor=request.user, until=data["until"], reason=data["reason"])
        except Refused as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, "Muted. It is evaluated and shown all the same.")
            return HttpResponseRedirect(back)
    return confirm_page(
        request, admin, form, heading=f"Mute {name}", button="Mute", back=back, crumb=name,
        text="Until then nobody is told of it, nor afterwards of what changed meanwhile. It is evaluated and shown all"
        " the same.",
    )  # fmt: skip


def unmute_page(request: HttpRequest, admin: Any, rule: AlarmRule | None) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    ended = unmute(rule.pk if rule else None, actor=request.user)
    messages.success(request, "People are told again." if ended else "It was not muted.")
    return HttpResponseRedirect(page(rule.pk) if rule else rules_list())


def test_page(request: HttpRequest, admin: Any, rule: AlarmRule) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    notice = send_test(rule, actor=request.user)
    messages.success(request, f"A test notice is in the outbox, as number {notice.pk}: see who gets it.")
    return HttpResponseRedirect(page(rule.pk))


def switch_page(request: HttpRequest, admin: Any, rule: AlarmRule) -> HttpResponse:
    wanted = not rule.enabled
    _permit(request, MAY_SWITCH, "enable" if wanted else "disable", rule)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        reason, said = form.cleaned_data["reason"], "Enabled." if wanted else "Disabled."
        return _done(request, rule, lambda: switch(rule.pk, wanted, actor=request.user, reason=reason), said)
    text = "It is evaluated from the next minute on." if wanted else "It is not evaluated, and nobody is told, until it"
    return confirm_page(
        request, admin, form, heading=f"{'Enable' if wanted else 'Disable'} {rule.name}", danger=not wanted,
        text=text if wanted else f"{text} is enabled again. Its history stays.",
        button="Enable" if wanted else "Disable", back=page(rule.pk), crumb=rule.name,
    )  # fmt: skip


def rules_list() -> str:
    return reverse("admin:monitoring_alarmrule_changelist")


def _permit(request: HttpRequest, permission: str, action: str, rule: AlarmRule | None) -> None:
    """Asked before the question is, and once more by the verb."""
    subject_id = rule.pk if rule else "all"
    audit.permit(request.user, permission, action=action, subject="alarm rule", subject_id=subject_id)


def _done(request: HttpRequest, rule: AlarmRule, do: Callable[[], object], said: str) -> HttpResponse:
    try:
        do()
        messages.success(request, said)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(page(rule.pk))

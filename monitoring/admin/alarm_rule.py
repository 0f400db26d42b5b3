"""Alarm rules: what is red comes first; each has a page, and the verbs that go with it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter

from monitoring.alarms import heartbeat, mute, silence
from monitoring.alarms.words import State
from monitoring.models import AlarmRule, Mute
from monitoring.pages import alarm_cells, alarm_verbs
from monitoring.pages.alarm_edit import edit_page, preview_part
from monitoring.pages.alarm_rule import rule_page
from pages.machine_written import MachineWritten

VERBS = {
    "acknowledge": alarm_verbs.acknowledge_page,
    "mute": alarm_verbs.mute_page,
    "unmute": alarm_verbs.unmute_page,
    "test": alarm_verbs.test_page,
    "switch": alarm_verbs.switch_page,
    "edit": edit_page,
}
FOR_ALL = {"mute": alarm_verbs.mute_page, "unmute": alarm_verbs.unmute_page, "add": edit_page}
FAULT, DISABLED = "fault", "disabled"


class StateFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*State.choices, (FAULT, "Cannot be evaluated"), (DISABLED, "Disabled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "fault":
                return queryset.filter(enabled=True).exclude(current=None).exclude(current__fault="")
            case "disabled":
                return queryset.filter(enabled=False)
            case state if state in State.values:
                return queryset.filter(enabled=True, stands=state)
        return queryset


@admin.register(AlarmRule)
class AlarmRuleAdmin(MachineWritten):
    list_display = ("cell_rule", "cell_state", "cell_value", "cell_points", "cell_since", "cell_told")
    list_display_links = None
    list_filter = (StateFilter, ("severity", ChoicesRadioFilter))
    search_fields = ("name", "metric")
    search_help_text = "Name or figure"
    list_before_template = "nightshelf/alarms/list_top.html"
    page_template = "nightshelf/alarms/page.html"
    nothing = "Write a rule, and you are told when a figure leaves its limits."
    sortable_by = ()

    @admin.display(description="Rule")
    def cell_rule(self, rule: AlarmRule) -> SafeString:
        return alarm_cells.rule(rule)

    @admin.display(description="State")
    def cell_state(self, rule: Any) -> SafeString:
        return alarm_cells.state(rule)

    @admin.display(description="Now / limit")
    def cell_value(self, rule: AlarmRule) -> SafeString:
        return alarm_cells.value(rule)

    @admin.display(description="Last datapoints")
    def cell_points(self, rule: AlarmRule) -> SafeString:
        return alarm_cells.points(rule)

    @admin.display(description="Since")
    def cell_since(self, rule: AlarmRule) -> SafeString:
        return alarm_cells.since(rule)

    @admin.display(description="")
    def cell_told(self, rule: Any) -> SafeString:
        return alarm_cells.told(rule)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("monitoring.add_alarmrule"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlarmRule]:
        rules: QuerySet[AlarmRule] = super().get_queryset(request)
        begun = Value(State.INSUFFICIENT_DATA.value)
        return rules.select_related("current__transition__acknowledgement__by").annotate(
            stands=Coalesce("current__state", begun)
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        red = Case(
            When(enabled=False, then=4), When(current__state=State.ALARM, then=0),
            When(current__state=State.OK, then=3), default=2, output_field=IntegerField(),
        )  # fmt: skip
        return (red, "current__since", "name")

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        silences = silence.active(timezone.now())
        for rule in rows:
            rule.silenced = silences.why(rule.pk)

    def page(self, request: HttpRequest, row: AlarmRule) -> dict[str, Any]:
        return rule_page(request, row)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            now = timezone.now()
            response.context_data |= {
                "heartbeat": heartbeat.last(now),
                "all_muted": Mute.objects.filter(rule=None, ended_at=None, until__gt=now).select_related("by").first(),
                "may_mute": request.user.has_perm(mute.PERMISSION),
            }
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(partial(preview_part, admin=self)), name="monitoring_alarmrule_preview"),
            *[path(f"{verb}/", view(self.for_all), {"verb": verb}, name=_name(verb, "add", "all")) for verb in FOR_ALL],
            *[
                path(f"<path:object_id>/{verb}/", view(self.do), {"verb": verb}, name=f"monitoring_alarmrule_{verb}")
                for verb in VERBS
            ],
            *super().get_urls(),
        ]

    def do(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        return VERBS[verb](request, self, self.found(request, object_id))

    def for_all(self, request: HttpRequest, verb: str) -> HttpResponse:
        return FOR_ALL[verb](request, self, None)


def _name(verb: str, plain: str, suffix: str) -> str:
    return f"monitoring_alarmrule_{verb}" if verb == plain else f"monitoring_alarmrule_{verb}_{suffix}"

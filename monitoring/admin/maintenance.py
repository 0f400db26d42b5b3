"""Maintenance windows: planned work, during which nobody is told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from monitoring import audit
from monitoring.alarms.mute import PERMISSION
from monitoring.alarms.silence import STEPS, is_open
from monitoring.models import MaintenanceWindow
from monitoring.models.silence import Repeats
from pages.list_cells import badge, moment, stacked


class WindowForm(ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends, repeats = data.get("begins_at"), data.get("ends_at"), data.get("repeats")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", ValidationError("It has to end after it begins."))
        elif begins and ends and repeats in STEPS and (ends - begins).days >= STEPS[Repeats(repeats)]:
            self.add_error("ends_at", ValidationError("It would not be over when it begins again."))
        return data


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(ModelAdmin):  # type: ignore[misc]
    """Whoever may mute may plan: a window is a mute that is known beforehand."""

    form = WindowForm
    list_display = ("name", "cell_state", "cell_when", "cell_repeats", "cell_rules")
    list_filter = ("enabled", "repeats")
    list_filter_submit = False
    search_fields = ("name",)
    fields = ("name", "reason", "begins_at", "ends_at", "repeats", "repeats_until", "rules", "enabled")
    autocomplete_fields = ("rules",)
    actions: Any = None
    warn_unsaved_form = True
    nothing = "Plan work here: while it goes on alarms are evaluated and shown, and nobody is told."

    @admin.display(description="State")
    def cell_state(self, window: MaintenanceWindow) -> SafeString:
        if not window.enabled:
            return badge("muted", "Disabled")
        if is_open(window, timezone.now()):
            return badge("running", "Open now")
        over = window.repeats == Repeats.NEVER and window.ends_at <= timezone.now()
        return badge("finished" if over else "waiting", "Over" if over else "Planned")

    @admin.display(description="From / to", ordering="begins_at")
    def cell_when(self, window: MaintenanceWindow) -> SafeString:
        return stacked(moment(window.begins_at), moment(window.ends_at))

    @admin.display(description="Repeats")
    def cell_repeats(self, window: MaintenanceWindow) -> str:
        until = f" until {window.repeats_until}" if window.repeats_until and window.repeats != Repeats.NEVER else ""
        return f"{Repeats(window.repeats).label}{until}"

    @admin.display(description="Rules")
    def cell_rules(self, window: MaintenanceWindow) -> str:
        names = [rule.name for rule in window.rules.all()]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "all"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("rules")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(PERMISSION))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It says why nobody was told: disable it instead."""
        return False

    def save_model(self, request: HttpRequest, obj: MaintenanceWindow, form: Any, change: bool) -> None:
        """In the admin's own transaction, with the entry of the audit log."""
        if not change and request.user.is_authenticated:
            obj.by = request.user
        super().save_model(request, obj, form, change)
        action = "change" if change else "add"
        audit.record(request.user, action, "maintenance window", obj.pk, reason=obj.reason, fields=form.changed_data)

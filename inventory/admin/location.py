"""Locations: the places where stock lies. One that is not used any more is made inactive, not deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from inventory.models import Location
from monitoring import audit


@admin.register(Location)
class LocationAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "name", "is_active")
    list_filter = ("is_active",)
    list_filter_submit = False
    search_fields = ("code", "name")
    fields = ("code", "name", "is_active")
    actions: Any = None
    nothing = "Stock lies at locations: a shop, a warehouse, a shelf. Add the first one to receive goods there."

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        """In the admin's own transaction, with the entry of the audit log."""
        super().save_model(request, obj, form, change)
        audit.record(request.user, "change" if change else "add", "location", obj.pk, fields=form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a location that nothing ever lay at."""
        if obj is not None and (obj.levels.exists() or obj.stocktakes.exists()):
            return False
        return bool(super().has_delete_permission(request, obj))

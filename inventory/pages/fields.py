"""Fields that several forms of the stock pages have."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from inventory.models import Location

MOST_CHOICES = 1000


class LocationField(forms.TypedChoiceField):
    """An open location. Its value is the location's id; `choices` are read when a form is made."""

    def __init__(self, label: str, **more: Any) -> None:
        said = {"required": "Choose a location.", "invalid_choice": "This location is not in use: choose another."}
        super().__init__(label=label, coerce=int, widget=UnfoldAdminSelectWidget(), error_messages=said, **more)

    def offer(self, locations: list[Location]) -> None:
        """The only one there is needs no choosing."""
        named: list[tuple[Any, str]] = [(location.pk, str(location)) for location in locations]
        self.choices = named if len(named) == 1 else [("", "Choose a location"), *named]


def open_locations() -> list[Location]:
    return list(Location.objects.filter(is_active=True).order_by("code")[:MOST_CHOICES])


def text_field(label: str, *, hint: str = "", most: int = 100, **more: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget({"autocomplete": "off", **more.pop("attrs", {})})
    return forms.CharField(label=label, required=False, max_length=most, help_text=hint, widget=widget, **more)


def whole_number(label: str, **more: Any) -> forms.IntegerField:
    said = {"invalid": "Type a whole number.", "required": "Type a whole number."}
    attrs = {"inputmode": "numeric", "autocomplete": "off", **more.pop("attrs", {})}
    return forms.IntegerField(
        label=label, widget=UnfoldAdminIntegerFieldWidget(attrs), error_messages=said | more.pop("said", {}), **more
    )


def key_field(prefix: str) -> forms.CharField:
    """The idempotency key of what the form will post: made when it is first shown, and the same ever after."""
    return forms.CharField(max_length=100, widget=forms.HiddenInput(), initial=lambda: new_key(prefix))


def new_key(prefix: str) -> str:
    return f"{prefix}/{uuid4().hex}"

"""Filters that an index can answer: exact text, prefixes and ranges of days, never `LIKE '%…%'`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget

from pages.long_select import LongSelect


class _TextForm(forms.Form):
    def __init__(self, name: str, label: str, hint: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        widget = UnfoldAdminTextInputWidget({"aria-label": label, "placeholder": hint, "autocomplete": "off"})
        self.fields[name] = forms.CharField(label=label, required=False, widget=widget)


class TextFilter(admin.SimpleListFilter):
    """An input for one value. Subclasses say what it is compared with in `matching`."""

    template = "unfold/filters/filters_field.html"
    title = ""
    hint = "exact"

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[()]:
        return ()

    def choices(self, changelist: Any) -> Iterator[Any]:
        data = {self.parameter_name: self.value()}
        yield {"form": _TextForm(str(self.parameter_name), f"By {self.title}", self.hint, data=data)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = (self.value() or "").strip()
        return self.matching(queryset, value) if value else queryset

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError


class _SelectForm(forms.Form):
    def __init__(self, name: str, label: str, offered: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=offered, widget=LongSelect())


class SelectFilter(admin.SimpleListFilter):
    """One of what may be hundreds. Subclasses say of what in `lookups`."""

    template = "unfold/filters/filters_field.html"

    def choices(self, changelist: Any) -> Iterator[Any]:
        name, offered = str(self.parameter_name), [("", "All"), *self.lookup_choices]
        yield {"form": _SelectForm(name, f"By {self.title}", offered, data={name: self.value()})}


class _DayForm(forms.Form):
    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for end, label in (("from", "From"), ("to", "To")):
            attrs = {"type": "date", "aria-label": label, "class": " ".join(INPUT_CLASSES)}
            widget = forms.DateInput(attrs, format="%Y-%m-%d")
            self.fields[f"{name}_{end}"] = forms.DateField(label=label, required=False, widget=widget)


class DayRangeFilter(RangeDateFilter):  # type: ignore[misc]
    """Days of the business's time zone (Y8), also over a moment: the whole of the last day is in."""

    form_class = _DayForm

    def __init__(self, field: Any, *given: Any, **more: Any) -> None:
        super().__init__(field, *given, **more)
        # "By day uploaded", not "By uploaded at".
        *what, last = str(field.verbose_name).split(" ")
        if last == "at":
            self.title = " ".join(["day", *what])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ends = {end: self._day(end) for end in ("from", "to")}
        if ends["from"]:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": self._start(ends["from"])})
        if ends["to"]:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": self._start(ends["to"] + timedelta(days=1))})
        return queryset

    def _day(self, end: str) -> date | None:
        try:
            day = date.fromisoformat(self.used_parameters.get(f"{self.parameter_name}_{end}") or "")
        except ValueError:
            return None
        return day if day.year < 9999 else None

    def _start(self, day: date) -> date | datetime:
        if self.field.get_internal_type() == "DateField":
            return day
        return timezone.make_aware(datetime.combine(day, time.min))

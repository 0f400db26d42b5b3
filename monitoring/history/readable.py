"""A change as people read it: names of fields, names in place of numbers, moments in the business's time zone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateTimeField, DecimalField, Field, Model
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.fields import HexField
from monitoring.history.change import Change, Kind
from monitoring.history.track import found

MOST_CHARS = 600
NOTHING = (None, "")


class Told(NamedTuple):
    """A field's name, and what it said; '' where it said nothing."""

    field: str
    before: str
    after: str


class Reader:
    """Reads the changes of a page: whatever their rows refer to is looked up once for all, by one query a table."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._names = _looked_up(changes)

    def told(self, change: Change) -> list[Told]:
        """Field by field. Of a row that was added or deleted, what stood in it."""
        model = model_of(change.pgh_model)
        before, after = change.before or {}, change.after or {}
        told = []
        for name in _names_in(change, model):
            field = _field(model, name)
            was, became = before.get(name), after.get(name)
            if change.pgh_label == Kind.CHANGED or was not in NOTHING or became not in NOTHING:
                label = str(getattr(field, "verbose_name", name.replace("_", " ")))
                told.append(Told(label[:1].upper() + label[1:], self._value(field, was), self._value(field, became)))
        return told

    def _value(self, field: Field[Any, Any] | None, value: Any) -> str:
        if value in NOTHING:
            return ""
        if field is not None and field.is_relation and field.related_model:
            names = self._names.get(field.related_model, {})
            return str(names.get(str(value)) or f"{field.related_model._meta.verbose_name} {value}, gone")
        return _plain(field, value)


def model_of(label: str) -> type[Model] | None:
    """None where there is no such table any more."""
    of = found(label)
    if of is not None:
        return of.model
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def called(change: Change) -> str:
    """What kind of thing the row is: `picture`."""
    of = found(change.pgh_model)
    return of.called if of else change.pgh_model.rpartition(".")[2]


def _plain(field: Field[Any, Any] | None, value: Any) -> str:
    if isinstance(field, BooleanField):
        return "yes" if value else "no"
    if isinstance(field, DateTimeField):
        return _moment(value)
    if isinstance(field, DecimalField):
        return f"{Decimal(str(value)):,.{field.decimal_places}f}"
    if isinstance(field, HexField):
        return str(value).removeprefix("\\x")
    if field is not None and field.choices:
        value = dict(field.flatchoices).get(value, value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"


def _moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return date_format(timezone.localtime(at) if timezone.is_aware(at) else at, "j M Y, H:i:s")


def _names_in(change: Change, model: type[Model] | None) -> Iterator[str]:
    """In the order of the model's own fields, without the number and the object that both stand in the heading."""
    present = {**(change.before or {}), **(change.after or {})}
    of = found(change.pgh_model)
    known = [field.name for field in model._meta.concrete_fields] if model else []
    key = model._meta.pk.name if model and model._meta.pk else ""
    aside = {key, of.belongs_to if of else ""} if change.pgh_label != Kind.CHANGED else set()
    yield from (name for name in known if name in present and name not in aside)
    yield from sorted(name for name in present if name not in known)


def _field(model: type[Model] | None, name: str) -> Field[Any, Any] | None:
    try:
        return model._meta.get_field(name) if model else None  # type: ignore[return-value]
    except FieldDoesNotExist:
        return None


def _looked_up(changes: Iterable[Change]) -> dict[type[Model], dict[str, str]]:
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for change in changes:
        model = model_of(change.pgh_model)
        for values in (change.before or {}, change.after or {}):
            for name, value in values.items():
                field = _field(model, name)
                if value is not None and field is not None and field.is_relation and field.related_model:
                    key = str(value).removeprefix("\\x")
                    wanted[field.related_model].add(key)
    return {model: _names_of(model, keys) for model, keys in wanted.items()}


def _names_of(model: type[Model], keys: set[Any]) -> dict[str, str]:
    # What a row needs to say its name, it is given along: a permission says its table's.
    needed = [field.name for field in model._meta.concrete_fields if field.is_relation and not field.null]
    rows = model._base_manager.filter(pk__in=keys).select_related(*needed)
    return {str(row.pk): str(row) for row in rows}

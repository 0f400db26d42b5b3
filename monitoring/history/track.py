"""`@tracked` on a model: its changes are written down by triggers of its table (pgtrigger, django-pghistory).

pghistory would make an event table for each model. Ours is one, `Change`: the audit page is a single index scan, an
altered model does not rewrite its own history, and a newly tracked table is one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import pghistory
import pgtrigger
from django.db.models import Field, Model
from pghistory.trigger import Event

from monitoring.fields import HexField
from monitoring.history.change import Change, Kind
from monitoring.history.conditions import BY_SOMEBODY, All

M = TypeVar("M", bound=type[Model])
NOT_AT_ALL = pgtrigger.Condition("false")


class Tracked(NamedTuple):
    """`label` is the concrete model's, `app.model`, as it is written into `Change`.

    `subject`: what the audit log calls such an object. `belongs_to`: the field that leads to the object whose history
    it is part of. `ledger`: name of a list that tells more, and the parameter that it is given the object's number by.
    """

    model: type[Model]
    label: str
    called: str
    name: Sequence[str] = ()
    fields: Sequence[str] = ()
    exclude: Sequence[str] = ()
    belongs_to: str = ""
    subject: str = ""
    ledger: tuple[str, str] | None = None


_tracked: dict[str, Tracked] = {}


def tracked(
    *,
    name: Sequence[str] = (),
    fields: Sequence[str] = (),
    exclude: Sequence[str] = (),
    added: pgtrigger.Condition = BY_SOMEBODY,
    changed: pgtrigger.Condition | None = None,
    deleted: pgtrigger.Condition | None = None,
    **more: Any,
) -> Callable[[M], M]:
    """Track a model's table. `name`: fields that together say which row it is, also when it is gone.

    `fields`: those whose changes count, all when left out. `exclude`: what is never written down. What a machine adds
    is not (`added`); `changed` and `deleted` say what else has to hold. `more` see `Tracked`.
    """

    def register(model: M) -> M:
        label = label_of(model)
        called = more.pop("called", "") or str(model._meta.verbose_name)
        of = Tracked(model, label, called, name, fields, exclude, **more)
        _tracked[label] = of
        differs = pghistory.AnyChange(*_names(of, model))
        when = {
            Kind.ADDED: (pgtrigger.Insert, added),
            Kind.CHANGED: (pgtrigger.Update, All(differs, changed) if changed else differs),
            Kind.DELETED: (pgtrigger.Delete, deleted),
        }
        for kind, (operation, condition) in when.items():
            if condition is not NOT_AT_ALL:
                pgtrigger.register(NoteChange(of, kind, operation, condition))(model)
        return model

    return register


class NoteChange(Event):
    """A trigger's body: the row, as fields and values, handed to `monitoring_note_change`."""

    event_model = Change

    def __init__(
        self, of: Tracked, kind: Kind, operation: pgtrigger.Operation, condition: pgtrigger.Condition | None
    ) -> None:
        self.of, self.kind = of, kind
        row = "OLD" if kind == Kind.DELETED else "NEW"
        name = f"note_{kind}"
        super().__init__(name=name, label=str(kind), operation=operation, condition=condition, row=row)  # type: ignore[no-untyped-call]

    def get_func(self, model: Any) -> str:
        names = _names(self.of, model, whole=self.kind != Kind.CHANGED)
        before = "NULL" if self.kind == Kind.ADDED else _object("OLD", model, names)
        after = "NULL" if self.kind == Kind.DELETED else _object("NEW", model, names)
        values = [
            f"'{self.kind}'", f"'{self.of.label}'", *self._owner(model), _text(self.row, model._meta.pk),
            _name(self.row, model, self.of.name), before, after,
        ]  # fmt: skip
        return f"PERFORM monitoring_note_change({', '.join(values)}); RETURN NULL;"

    def _owner(self, model: Any) -> tuple[str, str]:
        if not self.of.belongs_to:
            return f"'{self.of.label}'", _text(self.row, model._meta.pk)
        field = model._meta.get_field(self.of.belongs_to)
        return f"'{label_of(field.related_model)}'", _text(self.row, field)


def label_of(model: type[Model]) -> str:
    return str((model._meta.concrete_model or model)._meta.label_lower)


def found(label: str) -> Tracked | None:
    return _tracked.get(label)


def all_tracked() -> list[Tracked]:
    return list(_tracked.values())


def _names(of: Tracked, model: Any, *, whole: bool = False) -> list[str]:
    """Fields in their order. A row that comes or goes is told whole, whatever changes of it count."""
    wanted = set(of.fields) if of.fields and not whole else None
    stored = [field.name for field in model._meta.concrete_fields if not field.generated]
    return [name for name in stored if name not in of.exclude and (wanted is None or name in wanted)]


def _object(row: str, model: Any, names: Sequence[str]) -> str:
    columns = ((name, model._meta.get_field(name).column) for name in names)
    return "jsonb_build_object(" + ", ".join(f"'{name}', {row}.\"{column}\"" for name, column in columns) + ")"


def _name(row: str, model: Any, names: Sequence[str]) -> str:
    columns = [f'{row}."{model._meta.get_field(name).column}"' for name in names]
    return f"left(concat_ws(' ', {', '.join(columns)}), 200)" if columns else "''"


def _text(row: str, field: Field[Any, Any]) -> str:
    value = f'{row}."{field.column}"'
    return f"encode({value}, 'hex')" if isinstance(field, HexField) else f"{value}::text"

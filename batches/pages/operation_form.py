"""A patch rule's operations as a form: each has the inputs its kind asks for, and works without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batches.letters.patch import OPERATIONS
from batches.models import LetterGroup

MOST = 20
LABELS = {
    "field": "Field",
    "value": "Value",
    "values": "Old and new values",
    "text": "Text",
    "old": "Old text",
    "new": "New text",
    "from": "Written now as",
    "decimal": "Mark before the decimals",
    "to": "New name",
}
HINTS = {
    "field": "for example date",
    "values": "food = purchase\npostage = shipping",
    "from": "DD/MM/YYYY",
    "decimal": ". or ,",
}
CHOICES = {
    "from": ("DD/MM/YYYY", "MM/DD/YYYY", "YYYY/MM/DD", "DD-MM-YYYY", "MM-DD-YYYY", "DD.MM.YYYY", "MM.DD.YYYY",
             "YYYY.MM.DD", "DDMMYYYY", "YYYYMMDD"),
    "decimal": (".", ","),
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    name: str  # as the form sends it
    label: str
    value: str
    hint: str
    choices: tuple[str, ...]
    long: bool


@dataclass(frozen=True)
class Fields:
    """One operation of the form."""

    number: int
    op: str
    label: str
    help: str
    inputs: list[Input]


def kinds() -> list[tuple[str, str, str]]:
    """(op, label, what it does) of each operation there is."""
    return [(op, kind.label, kind.help) for op, kind in OPERATIONS.items()]


def suggested(group: LetterGroup) -> list[dict[str, Any]]:
    """Where to begin, by the field that fails."""
    field = group.field.rpartition(".")[2]
    if field == "date":
        return [{"op": "swap_date", "field": field, "from": "DD/MM/YYYY"}]
    if field == "amount":
        return [{"op": "number", "field": field, "decimal": ","}]
    if field in ("category", "type"):
        return [{"op": "map", "field": field, "values": {}}]
    return [{"op": "set_missing", "field": field, "value": ""}]


def fields_of(operations: list[dict[str, Any]]) -> list[Fields]:
    return [_fields(number, operation) for number, operation in enumerate(operations)]


def sent(data: Mapping[str, str]) -> list[dict[str, Any]]:
    """The operations as the form was sent, whether they are a rule or not."""
    numbers = [number for number in range(MOST + 1) if data.get(f"op-{number}") in OPERATIONS]
    return [_sent(number, data) for number in numbers]


def _fields(number: int, operation: Mapping[str, Any]) -> Fields:
    kind = OPERATIONS[operation["op"]]
    inputs = [
        Input(
            f"{name}-{number}",
            LABELS[name],
            _written(operation.get(name, "")),
            HINTS.get(name, ""),
            _choices(name, operation),
            name == "values",
        )
        for name in kind.parameters
    ]
    return Fields(number, operation["op"], kind.label, kind.help, inputs)


def _choices(name: str, operation: Mapping[str, Any]) -> tuple[str, ...]:
    """One that a rule of the command line has is kept."""
    known, value = CHOICES.get(name, ()), str(operation.get(name, ""))
    return (*known, value) if known and value and value not in known else known


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{old} = {new}" for old, new in value.items())
    return str(value)


def _sent(number: int, data: Mapping[str, str]) -> dict[str, Any]:
    op = data[f"op-{number}"]
    values: dict[str, Any] = {name: data.get(f"{name}-{number}", "") for name in OPERATIONS[op].parameters}
    if "values" in values:
        values["values"] = _table(values["values"])
    for name in ("field", "to"):
        if name in values:
            values[name] = values[name].strip()
    return {"op": op, **values}


def _table(text: str) -> dict[str, str]:
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return {old.strip(): new.strip() for old, _, new in pairs}

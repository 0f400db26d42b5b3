"""What a patch rule does to a model's answer: a list of small operations on its fields. Pure.

An operation is an object: `{"op": "swap_date", "field": "date", "from": "DD/MM/YYYY"}`. Its `op` says which of
OPERATIONS it is, the rest are that one's parameters. An operation that finds nothing to do (another value, no such
field) leaves the answer as it is: a rule is for a group, and not every letter in it need be alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

Operation = Mapping[str, Any]
Answer = dict[str, Any]

# Drops what was done to a letter before: without it a rule goes on from what the letter's parent was tried as.
FROM_ORIGINAL = "from_original"
MOST_OPERATIONS = 20
MOST_CHARS = 2_000
MOST_PAIRS = 500
_ORDER = re.compile(r"(DD|MM|YYYY)([/.\- ]?)(DD|MM|YYYY)([/.\- ]?)(DD|MM|YYYY)")
_PART = {"DD": r"(?P<DD>\d{1,2})", "MM": r"(?P<MM>\d{1,2})", "YYYY": r"(?P<YYYY>\d{4})"}
_PART_FIXED = {"DD": r"(?P<DD>\d{2})", "MM": r"(?P<MM>\d{2})", "YYYY": r"(?P<YYYY>\d{4})"}


class BadRule(ValueError):
    """The operations are not a rule. `problems` are sentences, each naming the operation by its number."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


class Kind(NamedTuple):
    """An operation: its name for people, what it does, its parameters (name → check), and the deed."""

    label: str
    help: str
    parameters: dict[str, Callable[[Any], str]]  # a check returns what is wrong, or ''
    apply: Callable[[Answer, Operation], None]


def checked(operations: object) -> list[dict[str, Any]]:
    """The operations, if they are a rule for a group; BadRule with a sentence for each thing that is wrong."""
    if not isinstance(operations, list) or not operations:
        raise BadRule(['A rule is a list of operations, such as [{"op": "strip_prefix", "field": "merchant", …}].'])
    if len(operations) > MOST_OPERATIONS:
        raise BadRule([f"A rule has at most {MOST_OPERATIONS} operations; this one has {len(operations)}."])
    problems = [
        f"Operation {number}: {problem}" for number, each in enumerate(operations, 1) for problem in _wrong(each)
    ]
    if problems:
        raise BadRule(problems)
    return [dict(each) for each in operations]


def patched(answer: Mapping[str, Any], operations: Sequence[Operation]) -> Answer:
    """A new answer; the given one is not altered."""
    result = dict(answer)
    for operation in operations:
        OPERATIONS[operation["op"]].apply(result, operation)
    return result


def told(operation: Operation) -> str:
    """The operation in words, for lists and histories."""
    parameters = {name: value for name, value in operation.items() if name != "op"}
    named = ", ".join(f"{name} {_short(value)}" for name, value in parameters.items())
    known = OPERATIONS.get(operation["op"])
    return f"{known.label if known else operation['op']}: {named}" if named else str(known.label if known else "")


def _wrong(operation: object) -> list[str]:
    if not isinstance(operation, dict):
        return ["it is not an object with an `op`."]
    known = OPERATIONS.get(operation.get("op", "")) if isinstance(operation.get("op"), str) else None
    if known is None:
        return [f"{_short(operation.get('op'))} is no operation: use one of {', '.join(OPERATIONS)}."]
    problems = [f"`{name}` is missing." for name in known.parameters if name not in operation]
    unknown = operation.keys() - known.parameters.keys() - {"op"}
    problems += [f"`{name}` is not a parameter of {operation['op']}." for name in sorted(unknown)]
    checks = ((name, check(operation[name])) for name, check in known.parameters.items() if name in operation)
    return problems + [f"`{name}` {problem}" for name, problem in checks if problem]


def _short(value: object) -> str:
    text = f"`{value}`" if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


# --- Checks: what is wrong with a parameter's value, or '' ---


def _field(value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable():
        return ""
    return "must be the name of a field of the answer, such as date."


def _text(value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= MOST_CHARS and "\0" not in value:
        return ""
    return f"must be text of 1 to {MOST_CHARS:,} characters."


def _text_or_empty(value: Any) -> str:
    return "" if value == "" else _text(value)


def _value(value: Any) -> str:
    # True and False are ints, and no field of a receipt is either.
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        return "must be text or a number."
    return _text_or_empty(value) if isinstance(value, str) else ""


def _table(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return 'must be a table of old and new values, such as {"food": "purchase"}.'
    if len(value) > MOST_PAIRS:
        return f"may have {MOST_PAIRS} pairs at most; it has {len(value)}."
    wrong = next((old for old, new in value.items() if _value(new) or not isinstance(old, str)), None)
    return f"gives {_short(wrong)} a new value that is neither text nor a number." if wrong is not None else ""


def _order(value: Any) -> str:
    found = _ORDER.fullmatch(value) if isinstance(value, str) else None
    if found and {found[1], found[3], found[5]} == {"DD", "MM", "YYYY"} and bool(found[2]) == bool(found[4]):
        return ""
    return "must say where day, month and year stand, such as DD/MM/YYYY or MM-DD-YYYY."


def _mark(value: Any) -> str:
    return "" if value in (".", ",") else "must be `.` or `,`."


# --- Deeds: they change the answer they are given ---


def _nothing(answer: Answer, operation: Operation) -> None:
    """FROM_ORIGINAL is heeded before the answer is: see `rule_chain`."""


def _set(answer: Answer, operation: Operation) -> None:
    answer[operation["field"]] = operation["value"]


def _set_missing(answer: Answer, operation: Operation) -> None:
    if answer.get(operation["field"]) in (None, ""):
        answer[operation["field"]] = operation["value"]


def _map(answer: Answer, operation: Operation) -> None:
    value = answer.get(operation["field"])
    if value is not None and not isinstance(value, (list, dict)) and str(value).strip() in operation["values"]:
        answer[operation["field"]] = operation["values"][str(value).strip()]


def _strip_prefix(answer: Answer, operation: Operation) -> None:
    _on_text(answer, operation, lambda text: text.strip().removeprefix(operation["text"]).strip())


def _strip_suffix(answer: Answer, operation: Operation) -> None:
    _on_text(answer, operation, lambda text: text.strip().removesuffix(operation["text"]).strip())


def _replace(answer: Answer, operation: Operation) -> None:
    _on_text(answer, operation, lambda text: text.replace(operation["old"], operation["new"]))


def _swap_date(answer: Answer, operation: Operation) -> None:
    first, mark, second, other, third = _ORDER.fullmatch(operation["from"]).groups()  # type: ignore[union-attr]
    parts = _PART if mark else _PART_FIXED
    written = re.compile(f"{parts[first]}{re.escape(mark)}{parts[second]}{re.escape(other)}{parts[third]}", re.ASCII)

    def swapped(text: str) -> str:
        found = written.fullmatch(text.strip())
        return f"{found['YYYY']}-{found['MM']:0>2}-{found['DD']:0>2}" if found else text

    _on_text(answer, operation, swapped)


def _number(answer: Answer, operation: Operation) -> None:
    mark = operation["decimal"]
    grouping = "," if mark == "." else "."
    # A number written another way (1280.50, where a comma is expected) is left alone, never cut off.
    written = re.compile(rf"(?<![\d.,'])-?\d+(?:[ '{grouping}]\d{{3}})*(?:\{mark}\d+)?(?![.,']?\d)", re.ASCII)

    def number(text: str) -> str:
        found = written.search(text)
        return re.sub(rf"[ '{grouping}]", "", found[0]).replace(mark, ".") if found else text

    _on_text(answer, operation, number)


def _rename(answer: Answer, operation: Operation) -> None:
    # Never over a value that is there: the answer would lose it.
    if operation["field"] in answer and answer.get(operation["to"]) is None:
        answer[operation["to"]] = answer.pop(operation["field"])


def _remove(answer: Answer, operation: Operation) -> None:
    answer.pop(operation["field"], None)


def _on_text(answer: Answer, operation: Operation, change: Callable[[str], str]) -> None:
    value = answer.get(operation["field"])
    if isinstance(value, str):
        answer[operation["field"]] = change(value)


OPERATIONS: dict[str, Kind] = {
    "set": Kind("Set field", "Give the field this value, whatever it has.", {"field": _field, "value": _value}, _set),
    "set_missing": Kind(
        "Fill in", "Give the field this value where it has none.", {"field": _field, "value": _value}, _set_missing
    ),
    "map": Kind(
        "Map value", "Exchange old values for new ones, by a table.", {"field": _field, "values": _table}, _map
    ),
    "strip_prefix": Kind(
        "Strip prefix", "Cut it off the text's start.", {"field": _field, "text": _text}, _strip_prefix
    ),
    "strip_suffix": Kind(
        "Strip suffix", "Cut it off the text's end.", {"field": _field, "text": _text}, _strip_suffix
    ),
    "replace": Kind(
        "Replace text", "Wherever it stands.", {"field": _field, "old": _text, "new": _text_or_empty}, _replace
    ),
    "swap_date": Kind(
        "Swap date order", "20/11/2026 becomes 2026-11-20.", {"field": _field, "from": _order}, _swap_date
    ),
    "number": Kind(
        "Read number", "1.280,50 becomes 1280.50: which mark comes before the decimals?",
        {"field": _field, "decimal": _mark}, _number,
    ),
    "rename": Kind("Rename field", "For a misspelt name.", {"field": _field, "to": _field}, _rename),
    FROM_ORIGINAL: Kind(
        "Begin anew", "From the original answer, without the rules the letter was tried with before.", {}, _nothing
    ),
    "remove": Kind("Remove field", "For a field that need not be there.", {"field": _field}, _remove),
}  # fmt: skip

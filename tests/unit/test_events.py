"""Events are named in one place: `monitoring.events`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.events import EVENTS

PROJECT = Path(__file__).resolve().parents[2]
APPS = ("batches", "catalog", "config", "inventory", "monitoring", "pages", "storage")
TELLERS = {"event", "fault"}


def told(source: str) -> Iterator[str]:
    """The names that a module tells, as patterns: one that is put together stands for all that it can be."""
    for node in ast.walk(ast.parse(source)):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TELLERS
        if called and isinstance(node.func.value, ast.Name) and node.func.value.id == "telemetry":  # type: ignore[attr-defined]
            yield from _names(node.args[0])  # type: ignore[attr-defined]


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant():
            yield re.escape(str(node.value))
        case ast.IfExp():
            yield from _names(node.body)
            yield from _names(node.orelse)
        case ast.JoinedStr():
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z]+" for part in node.values
            )
        case _:
            pytest.fail(f"line {node.lineno}: say the event's name where it is told")


def in_the_code() -> dict[str, str]:
    files = [path for app in APPS for path in sorted((PROJECT / app).rglob("*.py")) if "migrations" not in path.parts]
    return {name: str(path.relative_to(PROJECT)) for path in files for name in told(path.read_text())}


def test_every_event_that_is_told_is_listed() -> None:
    found = in_the_code()
    assert {name: at for name, at in found.items() if not any(re.fullmatch(name, one) for one in EVENTS)} == {}


def test_every_event_that_is_listed_is_told() -> None:
    found = in_the_code()
    assert [name for name in EVENTS if not any(re.fullmatch(one, name) for one in found)] == []


def test_each_is_a_name_and_has_a_sentence() -> None:
    for name, sentence in EVENTS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0] == "`"


def test_what_is_not_listed_is_found() -> None:
    source = 'telemetry.event("a" if x else "b", why=1)\ntelemetry.fault(f"{what}_away")'
    assert list(told(source)) == ["a", "b", "[a-z]+_away"]

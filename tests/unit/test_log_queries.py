"""The queries of docs/operations/logs.md ask for fields and events that lines have."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from monitoring.events import EVENTS
from tests.unit.test_events import APPS, PROJECT

# Of every line, of Django's own, of a transaction's counters, and what a query calls its results.
USUAL = {"time", "level", "logger", "event", "message", "trace_id", "span_id", "request_id", "user", "exc_info"}
DJANGOS = {"path", "method", "status_code"}
COUNTERS = {"read", "inserted", "updated", "unchanged", "superseded", "dead"}
WORDS = {"fields", "filter", "stats", "sort", "limit", "asc", "desc", "as", "by", "or", "and", "in", "like"}
FUNCTIONS = {"sum", "max", "count", "pct", "bin"}


def queries() -> list[str]:
    text = (PROJECT / "docs" / "operations" / "logs.md").read_text().partition("## Logs Insights")[2]
    return re.findall(r"```\n(.*?)\n```", text, re.DOTALL)


def told_fields(path: Path) -> set[str]:
    """Names of the arguments of `telemetry.event`, `telemetry.fault` and `carrying`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"event", "fault", "carrying"}:
                names |= {word.arg for word in node.keywords if word.arg}
    return names


def asked_for(query: str) -> set[str]:
    plain = re.sub(r'"[^"]*"|/[^/]*/|\b\d+m?h?\b', "", query)
    names = set(re.findall(r"[a-z_]+", plain)) - set(re.findall(r"\bas ([a-z_]+)", plain))
    return names - WORDS - FUNCTIONS - {"by"}


def test_fields_that_are_asked_for_are_told() -> None:
    known = USUAL | DJANGOS | COUNTERS
    for app in APPS:
        for path in (PROJECT / app).rglob("*.py"):
            known |= told_fields(path)
    assert len(queries()) > 15
    assert {query: missing for query in queries() if (missing := asked_for(query) - known)} == {}


def test_events_that_are_asked_for_are_told() -> None:
    named = {name for query in queries() for name in re.findall(r'"([a-z]+(?:_[a-z]+)+)"', query)}
    assert len(named) > 15
    assert named - set(EVENTS) == set()

"""Whoever tells a figure tells one that is listed, with just its labels: another could never be found again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.metrics.names import METRICS, Sort

PROJECT = Path(__file__).resolve().parents[3]
APPS = ("batches", "catalog", "config", "inventory", "monitoring", "pages", "storage")
VERBS = {"count": {"failed"}, "measure": {"failed"}, "timed": set()}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for app in APPS:
        for path in (PROJECT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(PROJECT)}:{node.lineno}", node


def told() -> Iterator[tuple[str, str, set[str], str]]:
    """Where, which metric, with which labels, by which verb; of `telemetry.count(…)`, `partial(telemetry.count, …)`
    and `deltas.key(…)`, where the name is written out.
    """
    for where, call in calls():
        function, arguments = call.func, list(call.args)
        if isinstance(function, ast.Name) and function.id == "partial" and arguments:
            function = arguments.pop(0)
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name) or not arguments:
            continue
        if not isinstance(arguments[0], ast.Constant) or not isinstance(arguments[0].value, str):
            continue
        metric, source = arguments[0].value, f"{function.value.id}.{function.attr}"
        if function.value.id == "telemetry" and function.attr in VERBS:
            labels = {keyword.arg for keyword in call.keywords if keyword.arg} - VERBS[function.attr]
            yield where, metric, labels, function.attr
        elif source == "deltas.key" and isinstance(arguments[1], ast.Dict):
            labels = {key.value for key in arguments[1].keys if isinstance(key, ast.Constant)}  # type: ignore[misc]
            yield where, metric, labels, "key"


FOUND = list(told())


@pytest.mark.parametrize(("where", "metric", "labels", "verb"), FOUND, ids=[where for where, *_ in FOUND])
def test_a_figure_that_is_told_is_listed_with_its_labels(where: str, metric: str, labels: set[str], verb: str) -> None:
    assert metric in METRICS, where
    assert labels == set(METRICS[metric].labels), where
    if verb in {"measure", "timed"}:
        assert METRICS[metric].sort != Sort.HAPPENINGS, where


def test_there_are_such_calls() -> None:
    assert {"http.request", "task.retried", "batch.images", "stock.postings"} <= {metric for _, metric, *_ in FOUND}

"""With many spans: what is rare is found by an index, and not by reading what is not asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.many_traces import build
from monitoring.models import Span

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
TRACES = 4_000
PAGE = "/admin/monitoring/traces/"
RARE = [
    {"component": "model", "range": "all"},
    {"component": "storage", "errors": "1", "range": "all"},
    {"name": "ask the model", "range": "all"},
    {"name": "nothing", "range": "all"},
    {"id": "abcd"},
    {"job": "0"},
    {"min": "15000", "order": "slowest", "range": "all"},
]


@pytest.fixture
def many(db: None) -> None:
    build(traces=TRACES, steps=20, figures=False)


def scanned(plan: dict[str, Any]) -> Iterator[float]:
    """Rows of spans that each scan had to look at."""
    if "Scan" in plan["Node Type"] and plan.get("Relation Name", "").startswith("monitoring_span_"):
        yield (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    for child in plan.get("Plans", []):
        yield from scanned(child)


def looked_at(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (told,) = cursor.fetchone()
    plan = json.loads(told) if isinstance(told, str) else told
    return sum(scanned(plan[0]["Plan"]))


def test_what_is_rare_is_not_looked_for_everywhere(many: None, admin_client: Client) -> None:
    few = 0.02 * Span.objects.count()
    for asked in RARE:
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(PAGE, asked).status_code == 200
        for query in queries.captured_queries:
            if "monitoring_span" in query["sql"]:
                assert looked_at(query["sql"]) <= few, query["sql"]
    # Which traces go back to one is a question to all days.
    trace_id = Span.objects.values_list("trace_id", flat=True)[0]
    with CaptureQueriesContext(connection) as queries:
        assert admin_client.get(f"{PAGE}{trace_id}/").status_code == 200
    (back,) = [query["sql"] for query in queries.captured_queries if "@>" in query["sql"]]

    # Not none: a day that has just begun is a few blocks, and read whole.
    assert looked_at(back) <= few

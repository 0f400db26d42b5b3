"""Each filter of the audit page, and each history, is answered by an index, however many changes there are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.history.change import Change
from tests.integration.pages import MARKS

pytestmark = MARKS
ROWS = 120_000
FILL = """
    INSERT INTO monitoring_change (pgh_created_at, pgh_label, pgh_model, pgh_obj_model, pgh_obj_id, row_id, name,
        fields, before, after, via, actor_id, by, place, action, request_id, trace_id)
    SELECT now() - make_interval(secs => %(rows)s - n), 'changed', model, model, n %% 5000, n %% 5000, 'A row',
        ARRAY[CASE WHEN n %% 1000 = 0 THEN 'barcode' ELSE 'price' END], '{"price": 1}', '{"price": 2}',
        CASE WHEN n %% 500 = 0 THEN 'outside' ELSE 'web' END, n %% 40, '', '', '', md5((n / 10)::text),
        CASE WHEN n %% 7 = 0 THEN md5(n::text) ELSE '' END
    FROM generate_series(1, %(rows)s) AS n,
        LATERAL (SELECT CASE n %% 3 WHEN 0 THEN 'catalog.product' ELSE 'batches.deadletter' END AS model) AS m"""


@pytest.fixture
def many(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"rows": ROWS})
        cursor.execute("ANALYZE monitoring_change")


def scanned(plan: dict[str, Any]) -> list[float]:
    """How many rows each scan of a plan had to look at."""
    own = []
    if "Scan" in plan["Node Type"]:
        own = [(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]]
    return own + [scan for child in plan.get("Plans", []) for scan in scanned(child)]


def looked_at(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (told,) = cursor.fetchone()
    plan = json.loads(told) if isinstance(told, str) else told
    return max(scanned(plan[0]["Plan"]))


FILTERS = [
    {},
    {"actor": "hanako"},
    {"object": "product"},
    {"object": "product 15"},
    {"field": "barcode"},
    {"via": "outside"},
    {"request": "c4ca4238a0b923820dcc509a6f75849b"},
    {"trace": "8f14e45fceea167a5a36dedd4bea2543"},
    {"pgh_created_at_from": "2020-01-01", "pgh_created_at_to": "2020-01-02"},
    {"kind": "deleted"},
    {"kind": "deleted", "object": "product 15"},
]


def test_filters_go_by_an_index(many: None, admin_client: Client) -> None:
    User.objects.create_user("hanako", pk=17)
    for filters in FILTERS:
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get("/admin/monitoring/change/", filters).status_code == 200
        of_changes = [query["sql"] for query in queries if 'FROM "monitoring_change"' in query["sql"]]
        assert of_changes
        for sql in of_changes:
            # What is counted ends at 10,001 rows; where a third of all match, that is a quarter of the table.
            assert looked_at(sql) < ROWS / 3, (filters, sql)


def test_a_history_goes_by_an_index(many: None, admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(reverse("admin:index"))  # the session and the person, once
        rows: QuerySet[Change] = Change.objects.filter(pgh_obj_model="catalog.product", pgh_obj_id="15")
        assert list(rows.order_by("-pgh_id")[:26])
    assert looked_at(queries[-1]["sql"]) <= 26

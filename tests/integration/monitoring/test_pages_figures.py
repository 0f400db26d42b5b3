"""The pages of figures: exact, for those who may see them, in few queries, and with everything in tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitoring.metrics.names import METRICS
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.pages.components import COMPONENTS
from monitoring.pages.time_range import SPANS
from tests.figures import counted, measured
from tests.integration.pages import signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
OVERVIEW = "/admin/monitoring/"
WEB = f"{OVERVIEW}components/web/"
BUDGET = 6  # session, person, and the figures


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute turns within a test."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


def minutes_ago(number: int) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=number)


def requests(route: str, seconds: list[float], failed: int = 0, minutes: int = 3) -> None:
    measured("http.request", minutes_ago(minutes), seconds, failed, route=route, method="GET")


@pytest.fixture
def watcher() -> Client:
    return signed_in("view_series")


def test_a_component_s_rows_are_exact_whether_rolled_up_or_not(watcher: Client) -> None:
    requests("/admin/", [0.1, 0.2, 0.3, 4.0], failed=1)
    roll_up_metrics()
    requests("/admin/", [0.1], minutes=2)
    requests("/shop/", [0.5, 0.5])
    requests("/old/", [9.0], minutes=70)

    [table] = watcher.get(WEB).context["tables"]

    assert [(row.name, row.summary.count, row.summary.errors) for row in table.rows] == [
        ("GET /admin/", 5, 1), ("GET /shop/", 2, 0),
    ]  # fmt: skip
    p50, _, _, p99 = table.rows[0].percentiles
    assert p50 == pytest.approx(0.2, rel=0.02)
    assert p99 == pytest.approx(4.0, rel=0.02)
    assert table.rows[0].summary.failure_rate == 20


@pytest.mark.parametrize(
    ("sort", "first"),
    [("count", "GET /often/"), ("errors", "GET /broken/"), ("failure_rate", "GET /broken/"), ("p99", "GET /slow/"),
     ("most", "GET /slow/"), ("no such", "GET /often/")],
)  # fmt: skip
def test_rows_are_sorted_by_what_is_asked_for(watcher: Client, sort: str, first: str) -> None:
    requests("/often/", [0.1] * 9)
    requests("/broken/", [0.1] * 3, failed=2)
    requests("/slow/", [7.0, 0.1])
    response = watcher.get(WEB, {"sort": sort, "range": "15m"})
    assert response.context["tables"][0].rows[0].name == first


def test_steps_of_a_chart_add_up_to_the_table(watcher: Client) -> None:
    for back in (1, 7, 30, 44):
        requests("/admin/", [0.2] * back, minutes=back)
    context = watcher.get(WEB, {"range": "1h"}).context
    rate = context["charts"][0]
    counted = sum(
        (value or 0) * context["range"].seconds_of(at)
        for at, value in zip(rate.starts, rate.lines[0].values, strict=True)
    )
    assert counted == pytest.approx(context["tables"][0].rows[0].summary.count) == 82


def test_nothing_measured_is_a_gap_for_times_and_none_for_counts(watcher: Client) -> None:
    requests("/admin/", [0.2], minutes=5)
    rate, failures, duration = watcher.get(WEB, {"range": "15m"}).context["charts"]
    assert [value for value in rate.lines[0].values if value] == [1 / 60]
    assert None not in rate.lines[0].values
    assert [value for value in failures.lines[0].values if value is not None] == [0.0]
    assert duration.lines[2].values.count(None) == 14
    assert len(json.loads(rate.data)["labels"]) == 15


def test_the_newest_step_is_told_to_be_unfinished(watcher: Client) -> None:
    requests("/admin/", [0.2], minutes=0)
    requests("/admin/", [0.2], minutes=1)
    rows = watcher.get(WEB, {"range": "15m"}).context["charts"][0].rows
    assert [row.unfinished for row in rows] == [True, False]


@pytest.mark.parametrize("key", COMPONENTS)
@pytest.mark.parametrize("span", ["15m", "30d"])
def test_every_component_keeps_its_budget_full_and_empty(
    watcher: Client, key: str, span: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    address = f"{OVERVIEW}components/{key}/?range={span}"
    assert "Nothing was measured" in text_of(watcher.get(address))
    for table in COMPONENTS[key].tables:
        for number in range(12):
            measured(table.metric, minutes_ago(1), [0.1], 0, **dict.fromkeys(table.by, f"x{number}"))
    with django_assert_max_num_queries(BUDGET):
        page = text_of(watcher.get(address))
    assert "x11" in page
    assert f"?range={span}" in page


@pytest.mark.parametrize("span", SPANS)
def test_the_overview_in_few_queries(
    watcher: Client, span: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for metric in METRICS.values():
        measured(metric.name, minutes_ago(2), [3.0], failed=1, **dict.fromkeys(metric.labels, "x"))
    with django_assert_max_num_queries(BUDGET):
        response = watcher.get(OVERVIEW, {"range": span})
    context = response.context
    assert [row.counted.count for row in context["rows"]] == [1] * len(COMPONENTS)
    assert {level.text for level in context["levels"]} >= {"3 %", "3 bytes", "3 connections", "3 workers"}
    assert [done.summary.errors for done in context["done"]] == [1] * 6


def test_what_was_looked_at_long_ago_is_not_now(watcher: Client) -> None:
    measured("disk.used", minutes_ago(9), [95.0])
    assert "Nobody has looked in the last 5 minutes" in text_of(watcher.get(OVERVIEW))


def test_any_metric_by_label_and_statistic(watcher: Client) -> None:
    for kind, seconds in {"receipts": [1.0, 2.0, 30.0], "products": [5.0]}.items():
        measured("batch.chunk", minutes_ago(4), seconds, kind=kind)
    page = watcher.get(f"{OVERVIEW}metrics/batch.chunk/", {"by": "kind", "stat": "most"}).context
    assert {line.label: max(filter(None, line.values)) for line in page["chart"].lines} == {
        "receipts": 30.0, "products": 5.0,
    }  # fmt: skip
    one = watcher.get(f"{OVERVIEW}metrics/batch.chunk/", {"kind": "products", "stat": "p95"}).context
    assert {figure.label: figure.text for figure in one["figures"]}["Number"] == "1"
    assert [target.value for target in one["chart"].targets] == [10.0]
    assert one["csv"].endswith("range=1h&stat=p95&kind=products")


def test_every_metric_has_its_page_and_file(watcher: Client) -> None:
    for name in METRICS:
        assert watcher.get(f"{OVERVIEW}metrics/{name}/").status_code == 200
        assert watcher.get(f"{OVERVIEW}metrics/{name}/points.csv").status_code == 200


def test_the_file_has_what_the_chart_has(watcher: Client) -> None:
    measured("task.run", minutes_ago(2), [0.5, 1.5], failed=1, task="=cmd()", queue="q")
    answer = watcher.get(f"{OVERVIEW}metrics/task.run/points.csv", {"by": "task", "range": "15m"})
    [row] = csv.DictReader(StringIO(text_of(answer)))
    assert (row["task"], row["count"], row["errors"], row["sum"], row["finished"]) == (
        "'=cmd()",
        "2",
        "1",
        "2.0",
        "yes",
    )
    assert datetime.fromisoformat(row["from"]) == minutes_ago(2)


@pytest.mark.parametrize(
    "asked", ["stat=nix", "by=nix", "range=nix", "kind=%00", "kind=%3Cscript%3E", "stat=p95&by=kind"]
)
def test_odd_addresses_show_the_usual_page(watcher: Client, asked: str) -> None:
    response = watcher.get(f"{OVERVIEW}metrics/batch.chunk/?{asked}")
    assert response.status_code == 200
    assert "<script>" not in text_of(response).partition('id="content-main"')[2].partition("</main>")[0]


@pytest.mark.parametrize("address", ["components/nix/", "metrics/nix/", "metrics/nix/points.csv"])
def test_what_there_is_not(watcher: Client, address: str) -> None:
    assert watcher.get(OVERVIEW + address).status_code == 404


@pytest.mark.parametrize("address", ["components/web/", "metrics/batch.lines/", "metrics/batch.lines/points.csv"])
def test_without_the_permission(address: str) -> None:
    assert signed_in("view_job", name="clerk").get(OVERVIEW + address).status_code == 403
    assert Client().get(OVERVIEW + address).status_code == 302


def test_the_app_s_own_list_for_who_may_not_see_figures() -> None:
    """The path above the audit log leads to the overview's address."""
    page = text_of(signed_in("view_auditentry", name="auditor").get(OVERVIEW))
    assert "Audit" in page
    assert "Components" not in page.partition('id="content"')[2]


def test_figures_open_what_an_app_says_is_behind_them(admin_client: Client) -> None:
    counted("batch.lines", minutes_ago(1), 10, 4, kind="receipts")
    [table, *_] = admin_client.get(f"{OVERVIEW}components/pipeline/").context["tables"]
    assert "/batches/deadletter/?kind__exact=line&written=" in table.rows[0].failed_url
    assert "/monitoring/traces/?name=chunk&" in table.rows[0].url

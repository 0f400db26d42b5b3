"""The service map: exact where figures are told, sampled where only spans know, and its filters hold for all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from monitoring import telemetry
from monitoring.metrics.collect import collector
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.pages.traces.time_range import iso_minute
from tests.integration.pages import signed_in, text_of
from tests.kept_traces import a_moment, a_request, a_trace, step

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
MAP = "/admin/monitoring/map/"


def edges(client: Client, **asked: str) -> dict[tuple[str, str], Any]:
    response = client.get(MAP, asked)
    assert response.status_code == 200
    return {(one["told"]["source"], one["told"]["target"]): one["told"] for one in response.context["lines"]}


@pytest.fixture
def figures(db: None) -> None:
    collector.begin_anew()  # without what this process told of itself up to here
    for number in range(1, 101):
        telemetry.measure("http.request", number / 100, route="/a", method="GET", failed=number == 1)
        telemetry.measure("database.statement", 0.01, component="web")
    telemetry.measure("task.run", 2.0, task="t", queue="celery", failed=True)
    telemetry.measure("storage.call", 0.5, operation="read", component="worker")
    telemetry.measure("queue.publish", 0.001, component="scheduler")
    collector().flush()


def test_edges_are_told_by_the_unsampled_figures(admin_client: Client, figures: None) -> None:
    a_request()  # of two hundred that were not kept
    found = edges(admin_client)
    visitors = found["Visitors", "Web"]["edge"]

    assert set(found) == {
        ("Visitors", "Web"), ("Web", "PostgreSQL"), ("Queue", "Worker"), ("Worker", "Storage"), ("Scheduler", "Queue"),
        ("Web", "Storage"),
    }  # fmt: skip
    assert (visitors.calls, visitors.errors, visitors.sampled) == (100, 1, False)
    assert visitors.p50 == pytest.approx(0.5, rel=0.03)
    assert visitors.p95 == pytest.approx(0.95, rel=0.03)
    assert visitors.p99 == pytest.approx(0.99, rel=0.03)
    assert found["Web", "Storage"]["edge"].sampled
    assert found["Queue", "Worker"]["tone"] == "bad"


def test_the_same_by_hours_once_rolled_up(admin_client: Client, figures: None) -> None:
    roll_up_metrics()

    assert edges(admin_client, range="24h")["Visitors", "Web"]["edge"].calls == 100
    assert edges(admin_client, range="7d")["Web", "PostgreSQL"]["edge"].calls == 100


def test_without_figures_the_kept_traces_are_all_there_is(admin_client: Client) -> None:
    a_request()
    a_trace(step("task", 0, 1, [step("ask the model", 0, 0.5, component="model", failed=True)], kind="consumer"))
    found = edges(admin_client)

    assert set(found) == {
        ("Visitors", "Web"), ("Web", "PostgreSQL"), ("Web", "Storage"), ("Queue", "Worker"), ("Worker", "Model"),
    }  # fmt: skip
    assert all(told["edge"].sampled for told in found.values())
    assert found["Worker", "Model"]["edge"].errors == 1
    assert found["Worker", "Model"]["edge"].p99 == pytest.approx(0.5)


def test_filters_hold(admin_client: Client, figures: None) -> None:
    assert set(edges(admin_client, component="storage")) == {("Worker", "Storage")}
    assert set(edges(admin_client, errors="1")) == {("Visitors", "Web"), ("Queue", "Worker")}
    before = {name: iso_minute(timezone.now() - timedelta(hours=hours)) for name, hours in (("from", 3), ("to", 2))}
    assert edges(admin_client, **before) == {}


def test_an_edge_opens_the_traces_behind_it(admin_client: Client) -> None:
    page = a_request()
    a_trace(step("task", 0, 1, [step("storage read", 0, 1, component="storage")]))
    told = edges(admin_client)["Web", "Storage"]
    asked = parse_qs(urlsplit(told["url"]).query)
    found = admin_client.get(told["url"]).context["found"]

    assert (asked["component"], asked["caller"]) == (["storage"], ["web"])
    assert [trace.trace_id for trace in found.traces] == [page.trace_id]


def test_the_drawing_has_a_table_beneath(admin_client: Client) -> None:
    a_request()
    html = text_of(admin_client.get(MAP))

    assert 'aria-label="The same as the table below"' in html
    assert html.count('class="tr-edge ') == html.count('<th scope="row">') == 3
    assert "Dashed edges are known from the kept traces alone" in html


def test_an_empty_map_says_what_to_do(admin_client: Client) -> None:
    a_request(a_moment(60 * 5))

    assert "Nobody asked anybody in this time." in text_of(admin_client.get(MAP))
    assert "Choose a longer time" in text_of(admin_client.get(MAP, {"errors": "1"}))
    assert "“moon” is no component" in text_of(admin_client.get(MAP, {"component": "moon"}))


def test_only_whoever_may_see_traces(client: Client) -> None:
    assert client.get(MAP).status_code == 302
    assert signed_in("view_job").get(MAP).status_code == 403


def test_the_cost_is_bounded(admin_client: Client, figures: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        admin_client.get(MAP)

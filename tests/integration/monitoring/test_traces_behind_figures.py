"""A row of the pages of figures opens the traces that were counted in it: what is told and kept agree by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from pytest_django import Settings

from batches.tasks import move, work
from monitoring import process, telemetry
from monitoring.components import Component
from monitoring.metrics.collect import collector
from monitoring.pages.components import COMPONENTS
from monitoring.traces.export import exporter
from tests.builders import ingested, receipts
from tests.figures import measured
from tests.kept_traces import a_request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def boom(request: HttpRequest, number: int) -> HttpResponse:
    raise ValueError(number)


urlpatterns = [path("boom/<int:number>/", boom), path("", include("config.urls"))]


@pytest.fixture
def client(settings: Settings, admin_client: Client) -> Client:
    """A site on which some things have been done, one of each kind that is counted."""
    settings.ROOT_URLCONF = __name__
    collector.begin_anew()  # signing in was part of no request
    admin_client.raise_request_exception = False
    for address in ("/admin/batches/job/", "/admin/batches/job/1/change/", "/nobody/knows/", "/boom/7/", "/api/health"):
        admin_client.get(address)
    admin_client.post("/admin/login/")
    exporter().flush()
    process.is_(Component.WORKER)
    with telemetry.span("task of ours", root=True):  # what is done for no work that is active is not kept
        ingested(receipts(range(3)))
    for task in (work, move):
        task.apply()
    collector().flush()
    exporter().flush()
    return admin_client


def rows_of(client: Client, key: str) -> list[Any]:
    tables = client.get(f"/admin/monitoring/components/{key}/").context["tables"]
    return [row for table in tables for row in table.rows]


def steps_behind(client: Client, url: str) -> int:
    assert url.startswith("/admin/monitoring/traces/?"), url
    response = client.get(url)
    assert response.context["wanted"].faults == []
    return len(response.context["found"].traces)


@pytest.mark.parametrize("key", [key for key in COMPONENTS if key != "pipeline"])
def test_each_row_opens_traces(client: Client, key: str) -> None:
    rows = [row for row in rows_of(client, key) if row.url]
    assert rows or key == "queue", "nothing of it was counted"
    assert {row.name: steps_behind(client, row.url) > 0 for row in rows} == {row.name: True for row in rows}
    failed = [row for row in rows if row.summary.errors]
    assert all(steps_behind(client, row.failed_url) for row in failed)
    assert bool(failed) == (key == "web")


def test_chunks_and_files_open_the_traces_of_their_jobs(client: Client) -> None:
    lines, chunks, files = rows_of(client, "pipeline")
    assert steps_behind(client, lines.url) == 1  # the chunks that read them; those that failed have letters
    assert steps_behind(client, chunks.url) == steps_behind(client, chunks.slowest_url) == 1
    assert steps_behind(client, files.url) == 1


def test_what_is_never_traced_leads_nowhere(client: Client) -> None:
    rows = {row.name: row for row in rows_of(client, "web")}
    assert rows["GET api/health"].url == ""
    assert parse_qs(urlsplit(rows["GET unmatched"].url).query)["name"] == ["GET unmatched"]


def test_a_step_of_a_chart_opens_what_ended_in_it(admin_client: Client) -> None:
    """A figure is told when a request is over; it began a minute before."""
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    measured("http.request", minute, [2.0], route="admin/batches/job/", method="GET")
    a_request(minute - timedelta(seconds=1), 2.0)

    context = admin_client.get("/admin/monitoring/metrics/http.request/", {"range": "15m", "stat": "p95"}).context

    assert steps_behind(admin_client, context["chart"].rows[-1].url) == 1

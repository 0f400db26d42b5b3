"""A request is a span named by its route, with its statements and log lines; nothing personal is in it."""

from __future__ import annotations

import json
import logging

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from monitoring.metrics.collect import collector
from monitoring.models import LogLine, Trace
from monitoring.redact import LEFT_OUT
from monitoring.traces import middleware
from monitoring.traces.export import exporter
from monitoring.traces.middleware import TraceMiddleware
from tests.figures import all_of
from tests.stored_spans import names, stored, the_span

pytestmark = pytest.mark.django_db(transaction=True)

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_named_by_its_route_never_by_its_address(client: Client) -> None:
    admin_user = User.objects.create_superuser("sachiko")
    client.force_login(admin_user)
    client.get(f"/admin/auth/user/{admin_user.pk}/change/?q=secret-words")

    root = the_span("GET /admin/auth/user/<path:object_id>/change/")
    assert (root.component, root.kind, root.parent_id, root.failed) == ("web", "server", None, False)
    assert root.attributes == {"status": 200}
    trace = Trace.objects.get(trace_id=root.trace_id)
    assert (trace.name, trace.user_id) == (root.name, admin_user.pk)
    statements = stored(root.trace_id).filter(component="database")
    assert statements.filter(name="SELECT auth_user").exists()
    assert set(statements.values_list("parent_id", flat=True)) == {root.span_id}
    texts = json.dumps(list(stored().values()), default=str)
    assert "secret-words" not in texts
    assert "sachiko" not in texts


def test_a_proxys_trace_goes_on_when_its_header_is_sane(client: Client) -> None:
    client.get("/admin/login/", headers={"traceparent": PARENT})

    root = the_span("GET /admin/login/")
    assert (root.trace_id, root.parent_id) == (PARENT[3:35], PARENT[36:52])


@pytest.mark.parametrize("header", ["", "x", PARENT + "; drop", f"00-{'0' * 32}-00f067aa0ba902b7-01", PARENT.upper()])
def test_any_other_header_begins_a_new_one(client: Client, header: str) -> None:
    client.get("/admin/login/", headers={"traceparent": header})

    assert the_span("GET /admin/login/").parent_id is None


def test_a_stranger_does_not_decide_what_is_kept(client: Client, settings: Settings) -> None:
    settings.TRACE_SAMPLE = 0
    client.get("/admin/login/", headers={"traceparent": PARENT})

    assert names() == {}


def test_a_failing_view_is_kept_and_says_why(settings: Settings) -> None:
    settings.TRACE_SAMPLE = 0

    def view(request: HttpRequest) -> HttpResponse:
        tracing.process_exception(request, ValueError("No such letter: 'taro@example.com'"))
        logging.getLogger("nightshelf").error("letter_missing", extra={"password": "x", "letter": 3})
        return HttpResponse(status=500)

    tracing = TraceMiddleware(view)
    tracing(RequestFactory().get("/admin/x/"))

    root = the_span("GET unmatched")
    assert (root.failed, root.message) == (True, "ValueError: No such letter: '…'")
    line = LogLine.objects.get(event="letter_missing")
    assert (line.trace_id, line.span_id, line.level) == (root.trace_id, root.span_id, "ERROR")
    assert line.fields == {"password": LEFT_OUT, "letter": 3}


def test_what_is_not_kept_is_counted_all_the_same(admin_client: Client, settings: Settings) -> None:
    settings.TRACE_SAMPLE = 0
    admin_client.get("/admin/auth/user/")

    exporter().flush()
    assert names() == {}
    collector().flush()
    assert all_of("database.statement", component="web").count >= 4


@pytest.mark.parametrize("path", middleware.NOT_TRACED)
def test_machines_that_look_every_few_seconds_are_not_traced(client: Client, path: str) -> None:
    client.get(path)
    assert not stored().filter(component="web").exists()

"""Each answered request is told once, by the template of its route."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, re_path
from pytest_django import Settings

from monitoring.metrics import read
from monitoring.metrics.collect import collector
from monitoring.metrics.of_requests import template_of
from tests.figures import HOUR, this_hour
from tests.integration.pages import person

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


def boom(request: HttpRequest, number: int) -> HttpResponse:
    raise ValueError(number)


def refuse(request: HttpRequest, number: str) -> HttpResponse:
    return HttpResponse(status=503 if number == "1" else 404)


urlpatterns = [path("boom/<int:number>/", boom), re_path(r"^refuse/(?P<number>[0-9]+)/$", refuse)]


def requests() -> dict[tuple[str, ...], tuple[int, int]]:
    """How many by route and method, and how many of them failed."""
    collector().flush()
    start = this_hour() - HOUR
    found = read.points("http.request", start, start + 3 * HOUR, timedelta(hours=3), by=["route", "method"])
    return {key: (rows[0].summary.count, rows[0].summary.errors) for key, rows in found.items()}


def test_requests_are_told_by_the_template_of_their_route() -> None:
    client = Client()
    client.force_login(person("view_product"))
    for number in range(3):
        client.get(f"/admin/catalog/product/{number + 1_000_000}/change/")
    client.get("/admin/catalog/product/")
    client.post("/admin/catalog/product/")
    client.get("/nobody/knows/7")
    client.get("/static/nightshelf/no-such.css")
    client.get("/api/health")

    assert requests() == {
        ("admin/catalog/product/<path:object_id>/change/", "GET"): (3, 0),
        ("admin/catalog/product/", "GET"): (1, 0),
        ("admin/catalog/product/", "POST"): (1, 0),
        ("unmatched", "GET"): (1, 0),
        ("static", "GET"): (1, 0),
        ("api/health", "GET"): (1, 0),
    }


def test_an_exception_and_a_status_from_500_on_have_failed(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)

    for number in range(3):
        assert client.get(f"/boom/{number}/").status_code == 500
        client.get(f"/refuse/{number}/")

    assert requests() == {("boom/<int:number>/", "GET"): (3, 3), ("refuse/<number>/", "GET"): (3, 1)}


def test_a_method_that_somebody_made_up_is_no_series_of_its_own(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__

    for number in range(5):
        Client().generic(f"MADE{number}", "/refuse/2/")

    assert requests() == {("refuse/<number>/", "OTHER"): (5, 0)}


@pytest.mark.parametrize(
    ("route", "template"),
    [
        ("admin/(?P<app_label>axes|batches)/$", "admin/<app_label>/"),
        (r"^files/(?P<name>(a|b)+)/(?P<part>\d+)\Z", "files/<name>/<part>"),
        ("admin/batches/job/<path:object_id>/change/", "admin/batches/job/<path:object_id>/change/"),
        ("", "/"),
    ],
)
def test_a_regex_is_shown_as_a_path(route: str, template: str) -> None:
    assert template_of(route) == template

"""The home page: right figures, few queries, and it never waits for the broker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from batches.models import Chunk
from monitoring.models import Canary
from tests.builders import receipts, taken_in
from tests.integration.pages import HOME_BUDGET, MARKS, mixed_job, text_of

pytestmark = MARKS
HOME = "/admin/"


def test_figures_of_the_last_day(admin_client: Client) -> None:
    mixed_job()
    context = admin_client.get(HOME).context
    assert (context["read"], context["inserted"], context["dead"]) == (10, 6, 4)
    assert context["failure_rate"] == pytest.approx(40)
    assert context["open_letters"] == 4
    assert len(context["hours"]) == 24
    assert sum(hour["read"] for hour in context["hours"]) == 10


def test_older_work_is_not_in_the_day(admin_client: Client) -> None:
    mixed_job()
    Chunk.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    assert admin_client.get(HOME).context["read"] == 0


def test_hours_are_those_of_the_business(admin_client: Client) -> None:
    mixed_job()
    last = admin_client.get(HOME).context["hours"][-1]
    assert last["at"] == timezone.localtime().replace(minute=0, second=0, microsecond=0)


def test_keeps_its_budget(
    admin_client: Client, django_assert_max_num_queries: Callable[..., Any], small_chunks: None
) -> None:
    for number in range(12):
        mixed_job(job_id=f"job-{number}", intent_id=f"intent-{number}")
    taken_in(receipts(range(5)))
    admin_client.get(HOME)
    with django_assert_max_num_queries(HOME_BUDGET):
        admin_client.get(HOME)


def test_running_jobs_come_first(admin_client: Client) -> None:
    file = taken_in(receipts(range(5)))
    assert file.job.job_id in text_of(admin_client.get(reverse("admin:batches_home_running")))


def test_empty_home_says_what_to_do(admin_client: Client) -> None:
    html = text_of(admin_client.get(HOME))
    assert "Nothing is running" in html
    assert "Upload a result file" in html


def test_page_does_not_ask_the_broker(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise AssertionError("the page asked the broker")

    monkeypatch.setattr(current_app, "connection_for_write", refuse)
    assert admin_client.get(HOME).status_code == 200


def test_broker_that_is_away_is_said(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = current_app.connection("redis://127.0.0.1:1/0", connect_timeout=1)
    monkeypatch.setattr(current_app, "connection_for_write", lambda **_: nowhere)
    assert "Broker away" in text_of(admin_client.get(reverse("admin:batches_home_workers")))


def test_no_worker_is_said(admin_client: Client) -> None:
    assert "No worker answers" in text_of(admin_client.get(reverse("admin:batches_home_workers")))


def test_workers_that_cannot_be_asked_are_not_reported_dead(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = current_app.connection("sqs://")
    monkeypatch.setattr(current_app, "connection_for_write", lambda **_: sqs)
    address = reverse("admin:batches_home_workers")

    nobody = text_of(admin_client.get(address))
    Canary.objects.create(queue="nightshelf", answered_at=timezone.now(), worker="celery@night-1")
    somebody = text_of(admin_client.get(address))

    for told in (nobody, somebody):
        assert "Workers cannot be asked over SQS." in told
        assert "No worker answers" not in told
    assert "celery@night-1" not in nobody
    assert "celery@night-1" in somebody


def test_a_queue_nobody_works_on_is_said(admin_client: Client) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    Canary.objects.create(queue="nightshelf", sent_at=timezone.now(), waiting_since=long_ago)

    told = text_of(admin_client.get(reverse("admin:index")))

    assert "Queue nightshelf is not being worked on" in told
    assert "No worker takes tasks from it." in told


def test_a_queue_that_is_worked_on_is_not_mentioned(admin_client: Client) -> None:
    Canary.objects.create(queue="nightshelf", sent_at=timezone.now(), answered_at=timezone.now())

    assert "not being worked on" not in text_of(admin_client.get(reverse("admin:index")))

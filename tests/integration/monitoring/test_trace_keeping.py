"""What is kept: all that failed, the slowest, what belongs to a batch, and a share of the rest. All of it bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from celery.signals import before_task_publish
from django.db import ProgrammingError, connection
from kombu import Connection
from kombu.exceptions import OperationalError
from pytest_django import Settings

from monitoring.metrics.collect import collector
from monitoring.models import MetricDelta
from monitoring.traces import keep, part, provider, spans
from tests.ports import free_port
from tests.stored_spans import names, stored, the_span

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _none_of_the_rest(settings: Settings) -> None:
    settings.TRACE_SAMPLE = 0
    keep.begin_anew()


@pytest.fixture
def transport() -> Iterator[list[dict[str, str]]]:
    """The headers of what is sent."""
    sent: list[dict[str, str]] = []

    def note(headers: dict[str, str], **_: object) -> None:
        sent.append(headers)

    before_task_publish.connect(note)
    yield sent
    before_task_publish.disconnect(note)


def worked(name: str = "work", *, seconds: float = 0.001) -> None:
    began = spans.now() - int(seconds * 1e9)
    spans.begin(name, root=True, began=began).end()


def test_what_fails_is_kept_whole() -> None:
    with pytest.raises(ZeroDivisionError), spans.span("outer", root=True), spans.span("fine"):
        _ = 1 / 0
    assert names() == {"outer": 1, "fine": 1}


def test_a_failure_that_was_dealt_with_is_one() -> None:
    with spans.span("outer", root=True), connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("SELECT 1 FROM no_such_table WHERE x = %s", ["taro"])
    failed = the_span("SELECT no_such_table")
    assert failed.failed
    assert "taro" not in json.dumps(failed.attributes) + failed.message


def test_the_slowest_of_a_name_are_kept() -> None:
    for _ in range(keep.ENOUGH):
        worked()
    worked(seconds=5)
    assert names() == {"work": 1}


def test_a_share_of_the_rest_is_the_same_in_all_processes(settings: Settings) -> None:
    settings.TRACE_SAMPLE = 0.25
    kept = [trace_id for trace_id in range(0, 2**56, 2**46) if keep.is_sampled(trace_id)]
    assert len(kept) == 256
    settings.TRACE_SAMPLE = 0.5
    assert all(keep.is_sampled(trace_id) for trace_id in kept)


def test_what_has_a_trace_of_its_own_is_kept_and_what_led_to_it() -> None:
    with spans.span("task", root=True) as task, spans.span("chunk", trace_id="ab" * 16):
        pass
    assert names() == {"task": 1, "chunk": 1}
    (link,) = the_span("chunk").links
    assert link["span_id"] == f"{task.place.span_id:016x}"


def test_a_part_is_bounded() -> None:
    with spans.span("long", root=True, trace_id="") as step, spans.span("batch", trace_id="cd" * 16):
        for at in range(2 * part.MOST_LEAVES):
            spans.leaf("SELECT batches_job", "database", spans.now(), 0.0001, statement="SELECT 1")
            spans.leaf("storage.copy", "storage", spans.now(), 1.0, at=at)
        for _ in range(part.MOST_SPANS + 10):
            spans.begin("step").end()
        assert step
    found = names("cd" * 16)
    assert found["SELECT batches_job"] + found["storage.copy"] == 2 * part.MOST_LEAVES
    assert found["step"] == part.MOST_SPANS
    omitted = json.loads(the_span("batch").attributes["omitted"])
    assert omitted == {"database": 225, "storage": 75, "spans": 10}


def test_nothing_is_held_of_what_has_ended() -> None:
    worked()
    with pytest.raises(ZeroDivisionError), spans.span("outer", root=True), spans.span("inner"):
        _ = 1 / 0
    assert provider._live == {}


@shared_task(name="tests.traced")
def traced(*, fails: bool = False) -> None:
    with spans.span("inside"):
        if fails:
            raise ValueError("of 'taro'")


def test_a_task_goes_on_with_the_trace_it_was_sent_in(transport: list[dict[str, str]]) -> None:
    with spans.span("receive", trace_id="ef" * 16):
        traced.delay()
    traced.apply(headers=transport.pop())

    sent, task = the_span("send tests.traced"), the_span("task tests.traced")
    assert (sent.component, sent.kind, sent.parent_id) == ("queue", "producer", the_span("receive").span_id)
    assert (task.kind, task.trace_id, task.parent_id) == ("consumer", "ef" * 16, sent.span_id)
    assert the_span("inside").parent_id == task.span_id


def test_a_message_that_cannot_be_sent_fails_its_span() -> None:
    task: Any = traced
    with spans.span("receive", trace_id="ef" * 16), pytest.raises(OperationalError):
        task.apply_async(connection=Connection(f"redis://127.0.0.1:{free_port()}/0"), retry=False)

    assert the_span("send tests.traced").failed
    collector().flush()
    told = MetricDelta.objects.get(metric="queue.publish")
    assert (told.count, told.errors) == (1, 1)


def test_a_task_that_fails_says_why() -> None:
    traced.apply(kwargs={"fails": True})
    assert the_span("task tests.traced").message == "ValueError: of '…'"


def test_a_message_says_whether_its_trace_is_kept() -> None:
    with spans.span("request", root=True):
        assert spans_header().endswith("-00")
    with spans.span("receive", trace_id="12" * 16):
        assert spans_header().endswith("-01")
    assert stored().count() == 1


def spans_header() -> str:
    from monitoring.traces import carrier

    return carrier.written()

"""The home page's range of time: figures that equal the rows, their colours, and what each of them opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from batches.models import Chunk, DeadLetter, QueueLook
from inventory.models import LowStock
from monitoring.metrics.spans import MINUTE
from tests.figures import counted, measured
from tests.integration.pages import HOME_BUDGET, MARKS, mixed_job, signed_in, text_of
from tests.stock import stocked

pytestmark = MARKS
HOME = "/admin/"


def figures(client: Client, **asked: str) -> dict[str, Any]:
    return {figure.title: figure for figure in client.get(HOME, asked).context["figures"]}


def test_the_failure_rate_equals_the_rows_and_opens_their_letters(admin_client: Client) -> None:
    mixed_job()

    its = figures(admin_client, range="15m")["Failure rate"]

    dead, read = sum(chunk.dead for chunk in Chunk.objects.all()), sum(chunk.read for chunk in Chunk.objects.all())
    assert (its.text, its.note) == (f"{100 * dead / read:g} %", f"{dead} of {read} lines; 5 % is the limit")
    assert its.tone == "bad"
    assert admin_client.get(its.url).context["cl"].result_count == dead == 4


def test_letters_of_another_time_are_not_among_them(admin_client: Client) -> None:
    mixed_job()
    its = figures(admin_client, range="15m")["Failure rate"]
    DeadLetter.objects.filter(pk=DeadLetter.objects.earliest("pk").pk).update(
        created_at=timezone.now() - timedelta(hours=1)
    )
    assert admin_client.get(its.url).context["cl"].result_count == 3
    assert admin_client.get(reverse("admin:batches_deadletter_changelist"), {"written": "nix"}).status_code == 200


def test_each_step_of_the_chart_opens_its_own_letters(admin_client: Client) -> None:
    mixed_job()
    chart = admin_client.get(HOME, {"range": "15m"}).context["charts"][0]
    [row] = chart.rows
    assert row.cells == ["40 %"]
    assert admin_client.get(row.url).context["cl"].result_count == 4


@pytest.mark.parametrize(("seconds", "tone"), [(9.5, "none"), (11.0, "bad")])
def test_processing_time_is_red_above_ten_seconds(admin_client: Client, seconds: float, tone: str) -> None:
    measured("batch.chunk", timezone.now(), [seconds] * 20, kind="receipts")
    its = figures(admin_client)["Processing time, p95"]
    assert (its.tone, its.note) == (tone, "of 20 chunks; 10 s is the limit")


def test_throughput_of_now_and_of_the_range(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)  # no minute turns between what is told and what is read
    counted("batch.lines", now - MINUTE, 6000, kind="receipts")
    counted("batch.lines", now - 10 * MINUTE, 60_000, kind="receipts")
    its = figures(admin_client)["Throughput"]
    assert 50 <= float(its.text.removesuffix("/s")) <= 100
    assert "1,000/s at most" in its.note


def test_dead_letters_of_this_moment(admin_client: Client) -> None:
    mixed_job()
    QueueLook.objects.create(queue="dlq", dead=True, depth=9, depth_after=3)
    its = figures(admin_client)["Dead letters waiting"]
    assert (its.text, its.tone) == ("7", "warn")
    assert its.note == "4 open letters, 3 messages in dead queues; now"
    assert admin_client.get(its.url).context["cl"].result_count == 4


def test_queues_as_they_were_seen_last(admin_client: Client) -> None:
    now = timezone.now()
    for back, depth in ((2, 40), (1, 12)):
        measured("queue.depth", now - back * MINUTE, [depth], queue="nightshelf", broker="redis")
        measured("queue.age", now - back * MINUTE, [depth * 10.0], queue="nightshelf", broker="redis")
    measured("queue.depth", now - 9 * MINUTE, [5], queue="gone", broker="redis")
    QueueLook.objects.create(queue="dead", dead=True, depth_after=1, failure="Access denied.")
    response = admin_client.get(HOME)
    [queue] = response.context["queues"]
    assert (queue.queue, queue.waiting, queue.age) == ("nightshelf", 12, 120.0)
    assert "Access denied." in text_of(response)


def test_what_is_low(admin_client: Client) -> None:
    level = stocked(4)
    LowStock.objects.create(level=level, available=4, reorder_point=10)
    response = admin_client.get(HOME)
    assert (response.context["low"].number, response.context["low"].more) == (1, False)
    assert level.product.name in text_of(response)


def test_links_keep_the_range_and_the_part_is_fetched_with_it(admin_client: Client) -> None:
    page = text_of(admin_client.get(HOME, {"range": "6h"}))
    assert f"{reverse('admin:batches_home_figures')}?range=6h" in page
    assert 'href="?range=6h" aria-current="true"' in page
    assert "metrics/batch.lines/?range=6h" in page
    part = admin_client.get(reverse("admin:batches_home_figures"), {"range": "6h"})
    assert 'id="home-live"' in text_of(part)
    assert "no-store" in part["Cache-Control"]


def test_all_of_it_keeps_its_budget(
    admin_client: Client, small_chunks: None, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(3):
        mixed_job(job_id=f"job-{number}", intent_id=f"intent-{number}")
    for queue in ("nightshelf", "images"):
        measured("queue.depth", timezone.now(), [3], queue=queue, broker="redis")
    LowStock.objects.create(level=stocked(4), available=4, reorder_point=10)
    admin_client.get(HOME)
    with django_assert_max_num_queries(HOME_BUDGET):
        admin_client.get(HOME, {"range": "7d"})


def test_who_may_not_see_figures_sees_the_rest() -> None:
    mixed_job()
    clerk = signed_in("view_job", "view_deadletter", name="clerk")
    response = clerk.get(HOME)
    assert [figure.title for figure in response.context["figures"]] == ["Dead letters waiting"]
    assert response.context["charts"] == []
    assert "Recent jobs" in text_of(response)


def test_who_may_see_nothing_sees_nothing() -> None:
    mixed_job()
    page = text_of(signed_in(name="nobody").get(HOME))
    for title in ("Recent jobs", "Failure rate", "Queues", "Low stock", "Open problems", "Dead letters waiting"):
        assert title not in page


def test_the_viewers_group_sees_all_of_it(django_user_model: Any) -> None:
    from django.contrib.auth.models import Group

    from batches.ready_groups import make_ready_groups

    make_ready_groups()
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.groups.add(Group.objects.get(name="Viewer"))
    client = Client()
    client.force_login(viewer)
    assert len(client.get(HOME).context["figures"]) == 5


def test_without_the_table_s_rows_the_page_is_there(admin_client: Client) -> None:
    """Nothing measured, nothing read, nobody at work."""
    page = text_of(admin_client.get(HOME, {"range": "30d"}))
    assert "Nothing was measured in these 30 d." in page
    assert "No queue was looked at in the last 5 minutes." in page

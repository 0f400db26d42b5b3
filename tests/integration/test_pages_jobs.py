"""The jobs' list and a job's page: figures are those of the balance, and each opens the rows behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from batches.models import Chunk, Job, ResultFile
from batches.pages import progress
from batches.pipeline.claim import claim_chunk
from batches.pipeline.hand_back import hand_back
from batches.pipeline.work import work_on
from tests.builders import a_job, path_of, receipts, run_all, taken_in
from tests.integration.pages import BUDGET, MARKS, mixed_file, mixed_job, page, pages, text_of, with_manifest

pytestmark = MARKS


def cell(html: str, job: Any, name: str) -> str:
    """The text of a job's cell in the list."""
    _, _, rest = html.partition(f'<div id="job-{job.pk}-{name}"')
    assert rest, f"no cell {name}"
    content = rest.partition(">")[2].partition('<div id="job-')[0].partition("</td>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def test_list_shows_the_balance(admin_client: Client) -> None:
    job = mixed_job()
    html = text_of(admin_client.get(pages("job")))
    assert cell(html, job, "read") == "10"
    assert cell(html, job, "inserted") == "6"
    assert cell(html, job, "dead") == "4 40 %"
    assert "ns-rate ns-bad" in html


def test_list_keeps_its_budget(
    admin_client: Client, django_assert_max_num_queries: Callable[..., Any], small_chunks: None
) -> None:
    for number in range(30):
        taken_in(receipts([number]), job=a_job(f"job-{number}", intent_id=f"intent-{number}"))
    admin_client.get(pages("job"))
    with django_assert_max_num_queries(BUDGET):
        admin_client.get(pages("job"))


@pytest.mark.parametrize("term", ["night-7", "night-7-a", "intent-of-7", "user-of-7", "TRACE"])
def test_search_finds_by_beginning_or_whole(admin_client: Client, term: str) -> None:
    wanted = a_job("night-7-a", intent_id="intent-of-7", user_id="user-of-7")
    a_job("night-8", intent_id="other")
    html = text_of(admin_client.get(pages("job"), {"q": wanted.trace_id if term == "TRACE" else term}))
    assert "night-7-a" in html
    assert "night-8" not in html


@pytest.mark.parametrize(
    "query",
    ["status__exact=waiting", "kind=receipts", "user=user-1", "created_at_from={today}", "created_at_to={today}"],
)
def test_filters_keep_what_fits(admin_client: Client, query: str) -> None:
    a_job("night-7")
    html = text_of(admin_client.get(f"{pages('job')}?{query.format(today=timezone.localdate().isoformat())}"))
    assert "night-7" in html


@pytest.mark.parametrize(
    "query", ["status__exact=failed", "user=user-2", "created_at_from={tomorrow}", "created_at_to={yesterday}"]
)
def test_filters_leave_out_what_does_not(admin_client: Client, query: str) -> None:
    a_job("night-7")
    day = timedelta(days=1)
    days = {"tomorrow": timezone.localdate() + day, "yesterday": timezone.localdate() - day}
    html = text_of(admin_client.get(f"{pages('job')}?{query.format(**days)}"))
    assert "night-7" not in html
    assert "Nothing matches" in html


def test_running_jobs_are_followed_until_they_are_through(admin_client: Client, small_chunks: None) -> None:
    job = taken_in(receipts(range(4))).job
    live = reverse("admin:batches_job_live")
    assert f"{live}?id={job.pk}" in text_of(admin_client.get(pages("job")))
    work_on(claim_chunk())  # type: ignore[arg-type]
    html = text_of(admin_client.get(live, {"id": [job.pk]}))
    assert 'hx-trigger="every 2s"' in html
    assert "lines/s" in cell(html, job, "progress")
    run_all()
    html = text_of(admin_client.get(live, {"id": [job.pk]}))
    assert "hx-trigger" not in html
    assert cell(html, job, "state") == "Finished"


def test_pieces_are_for_those_who_may_see_jobs(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    for name in ("job_live", "home_running", "home_workers"):
        assert client.get(reverse(f"admin:batches_{name}")).status_code == 403


def test_page_shows_the_equation_and_links_its_terms(admin_client: Client) -> None:
    job = mixed_job()
    response = admin_client.get(page("job", job.pk))
    counts = {term.name: term.count for term in response.context["terms"]}
    assert counts == {"inserted": 6, "updated": 0, "unchanged": 0, "superseded": 0, "dead": 4}
    assert "check_circle" in text_of(response)
    for term in response.context["terms"]:
        if term.url:
            rows = admin_client.get(term.url).context["cl"].result_count
            assert rows == term.count, term.name


def test_page_says_when_the_equation_does_not_hold(admin_client: Client) -> None:
    """The database does not let it come to that, so the page is given a balance of its own."""
    from django.template.loader import render_to_string

    from batches.balance import Balance
    from batches.pages.job import job_page

    context = job_page(mixed_job()) | {"balance": Balance(read=3, inserted=2)}
    html = render_to_string("nightshelf/job/body.html", context)
    assert "does not hold" in html
    assert "check_circle" not in html


def test_page_groups_letters_by_reason(admin_client: Client) -> None:
    reasons = admin_client.get(page("job", mixed_job().pk)).context["reasons"]
    assert {reason.code: reason.count for reason in reasons} == {
        "model_error": 1,
        "invalid_date": 1,
        "invalid_amount": 1,
        "malformed_json": 1,
    }
    assert all(admin_client.get(reason.url).context["cl"].result_count == reason.count for reason in reasons)


def test_page_keeps_its_budget(
    admin_client: Client, django_assert_max_num_queries: Callable[..., Any], small_chunks: None
) -> None:
    job = a_job()
    for number in range(5):
        taken_in(mixed_file(number + 1), f"{number}.jsonl", job)
    run_all()
    with django_assert_max_num_queries(BUDGET):
        admin_client.get(page("job", job.pk))


def test_manifest_is_compared(admin_client: Client) -> None:
    job = mixed_job()
    assert "No manifest yet" in text_of(admin_client.get(page("job", job.pk)))
    with_manifest(job, total=12, success=9, error=1)
    response = admin_client.get(page("job", job.pk))
    assert [(line.what, line.difference) for line in response.context["comparisons"]] == [
        ("Records", -2),
        ("Successful", 0),
        ("Errors", 0),
    ]
    assert "2 fewer than Bedrock counted" in text_of(response)


def test_deleted_file_is_a_banner_with_advice(admin_client: Client, small_chunks: None) -> None:
    file = taken_in(receipts(range(4)))
    work_on(claim_chunk())  # type: ignore[arg-type]
    path_of(file).unlink()
    run_all()
    html = text_of(admin_client.get(page("job", file.job_id)))
    assert "could not be read to its end" in html
    assert "Put it back and take it in again" in html
    assert "unread" in html


def test_poisoned_chunk_is_a_banner(admin_client: Client, settings: Settings) -> None:
    settings.MAX_ATTEMPTS = 1
    file = taken_in(receipts(range(4)))
    claim = claim_chunk()
    assert claim
    hand_back(claim.chunk_id, claim.lease, "it keeps killing the worker", passing=False)
    html = text_of(admin_client.get(page("job", file.job_id)))
    assert "1 part of a file could not be worked on" in html
    assert "it keeps killing the worker" in html


def test_says_when_no_worker_takes_work(admin_client: Client) -> None:
    file = taken_in(receipts(range(4)))
    address = page("job", file.job_id)
    assert "No worker is taking work" not in text_of(admin_client.get(address))
    long_ago = timezone.now() - timedelta(minutes=1)
    Chunk.objects.update(not_before=long_ago)
    ResultFile.objects.update(received_at=long_ago)
    assert "No worker is taking work" in text_of(admin_client.get(address))
    claim_chunk()
    assert "No worker is taking work" not in text_of(admin_client.get(address))


def test_unknown_job_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(page("job", 4711)).status_code == 404
    assert admin_client.get(page("job", "x")).status_code == 404


def test_rate_and_remaining_time_are_those_of_the_last_minute(small_chunks: None) -> None:
    """Two chunks of 5 lines, 2 s each, one after the other, out of four equal ones: 10 lines in 4 s, half to go."""
    file = taken_in(receipts(range(40)))
    now = timezone.now()
    first, second, *rest = Chunk.objects.filter(file=file).order_by("ordinal")[:4]
    Chunk.objects.exclude(pk__in=[chunk.pk for chunk in (first, second, *rest)]).delete()
    for chunk, ago in ((first, 2), (second, 0)):
        done = {"status": "done", "read": 5, "inserted": 5, "seconds": 2, "start": 0, "end": 1000}
        Chunk.objects.filter(pk=chunk.pk).update(**done, finished_at=now - timedelta(seconds=ago))
    Chunk.objects.filter(pk__in=[chunk.pk for chunk in rest]).update(start=0, end=1000)
    job = Job.objects.get(pk=file.job_id)
    shown = progress.of_job(job)
    assert shown.rate == pytest.approx(2.5)
    assert shown.remaining == pytest.approx(4)
    assert "50 % · 2 lines/s · 4 s left" in shown.sentence
    Chunk.objects.update(finished_at=now - timedelta(minutes=2))
    assert progress.of_job(job).rate is None

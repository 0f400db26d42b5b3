"""Dead letters: found by reason, and their line is had from storage byte by byte, or not at all."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from batches.models import DeadLetter, Transaction
from batches.review import review
from batches.states import ReviewState
from tests.builders import a_job, image, ingested, jsonl, landed, line, line_in_file, path_of, received, the_letter
from tests.integration.pages import BUDGET, MARKS, mixed_file, mixed_job, page, pages, text_of

pytestmark = MARKS


def download(client: Client, letter: DeadLetter) -> bytes:
    response: Any = client.get(reverse("admin:batches_deadletter_line", args=[letter.pk]))
    return b"".join(response.streaming_content)


def preview(client: Client, letter: DeadLetter) -> str:
    return text_of(client.get(reverse("admin:batches_deadletter_preview", args=[letter.pk])))


def test_list_shows_reason_place_and_part(admin_client: Client) -> None:
    mixed_job()
    html = text_of(admin_client.get(pages("deadletter")))
    assert "invalid_date" in html
    assert "2026-02-30" in html
    assert "line 8" in html


def test_list_keeps_its_budget(
    admin_client: Client, django_assert_max_num_queries: Callable[..., Any], small_chunks: None
) -> None:
    for number in range(12):
        mixed_job(job_id=f"job-{number}", intent_id=f"intent-{number}")
    admin_client.get(pages("deadletter"))
    with django_assert_max_num_queries(BUDGET):
        response = admin_client.get(pages("deadletter"))
    assert len(response.context["cl"].result_list) == 48


def test_summary_counts_what_the_filters_leave(admin_client: Client) -> None:
    mixed_job(job_id="one", intent_id="one")
    mixed_job(job_id="two", intent_id="two")
    for query, each in ((("job", "one"), 1), (("kind__exact", "line"), 2)):
        reasons = admin_client.get(pages("deadletter"), dict([query])).context["reasons"]
        assert {reason.count for reason in reasons} == {each}
        assert len(reasons) == 4


@pytest.mark.parametrize(
    ("query", "found"),
    [("code=invalid_date", 1), ("field=amount", 1), ("status__exact=resolved", 0), ("job=job-1", 4), ("job=other", 0),
     ("kind__exact=file", 0), ("q=image-90002", 1), ("q=model_error", 1), ("q=nonesuch", 0), ("file=x", 0)],
)  # fmt: skip
def test_filters_and_search(admin_client: Client, query: str, found: int) -> None:
    mixed_job()
    assert admin_client.get(f"{pages('deadletter')}?{query}").context["cl"].result_count == found


def test_page_explains(admin_client: Client) -> None:
    mixed_job()
    letter = the_letter(code="invalid_date")
    html = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert "<mark>date</mark>" in html
    assert "2026-02-30" in html
    assert letter.trace_id in html
    assert "not written: this line would have become it" in html


def test_page_leads_to_the_trace_of_its_job_and_to_its_image_s(admin_client: Client) -> None:
    """What was done with the line is in the job's trace; the letter's own is that of the image, if it came with one."""
    mixed_job()
    letter = the_letter(code="invalid_date")
    assert letter.job
    assert letter.trace_id != letter.job.trace_id
    html = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert f'<dt>Trace</dt><dd><a class="ns-link" href="/admin/monitoring/traces/?id={letter.job.trace_id}">' in html
    assert (
        f'<dt>Image’s trace</dt><dd><a class="ns-link" href="/admin/monitoring/traces/?id={letter.trace_id}">' in html
    )


def test_line_is_numbered_within_the_file(admin_client: Client, small_chunks: None) -> None:
    ingested(jsonl([line(image(number)) for number in range(5)]) + b"\n\nnull\n")
    letter = the_letter(code="not_an_object")
    assert line_in_file(letter) == 8
    assert admin_client.get(page("deadletter", letter.pk)).context["number"] == 8
    assert "line 8" in text_of(admin_client.get(pages("deadletter")))


@pytest.mark.parametrize("code", ["invalid_date", "invalid_amount", "malformed_json", "model_error"])
@pytest.mark.parametrize("packed", [False, True])
def test_download_is_the_very_line(admin_client: Client, small_chunks: None, code: str, packed: bool) -> None:
    content = mixed_file()
    ingested(gzip.compress(content), "r.jsonl.gz") if packed else ingested(content)
    letter = the_letter(code=code)
    assert download(admin_client, letter) == content.splitlines()[line_in_file(letter) - 1]


def test_download_of_a_conflict_is_the_line_that_was_not_taken(admin_client: Client, admin_user: User) -> None:
    job = mixed_job()
    review(Transaction.objects.values_list("pk", flat=True), ReviewState.CONFIRMED, by=admin_user)
    other = line(image(2), amount=77)
    ingested(jsonl([line(image(1)), other]), "later.jsonl", job)
    letter = the_letter(kind="conflict")
    assert download(admin_client, letter) == other
    html = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert page("transaction", letter.transaction_id) in html


def test_preview_leaves_images_out_and_marks_the_field(admin_client: Client) -> None:
    mixed_job()
    html = preview(admin_client, the_letter(code="invalid_amount"))
    assert "1,600 characters of base64" in html
    assert "QUJDQUJD" not in html
    assert r"<mark>\&quot;amount\&quot;: -5</mark>" in html


def test_preview_is_capped(admin_client: Client) -> None:
    ingested(jsonl([line(image(1), amount=-5, description="あ " * 200_000)]))
    assert len(preview(admin_client, the_letter())) < 10_000


def test_preview_escapes_what_the_file_says(admin_client: Client) -> None:
    ingested(b'{"recordId": "<script>alert(1)</script>"}\n')
    html = preview(admin_client, the_letter())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("view", ["line", "preview"])
def test_deleted_file_is_said(admin_client: Client, view: str) -> None:
    path_of(mixed_job().files.get()).unlink()
    response = admin_client.get(reverse(f"admin:batches_deadletter_{view}", args=[the_letter(code="invalid_date").pk]))
    assert response.status_code == (410 if view == "line" else 200)
    assert "was deleted from storage" in text_of(response)


def test_replaced_file_is_said_and_never_shown(admin_client: Client) -> None:
    file = mixed_job().files.get()
    landed(file.key, b"x" * file.size)
    response = admin_client.get(reverse("admin:batches_deadletter_line", args=[the_letter(code="invalid_date").pk]))
    assert response.status_code == 409
    assert "was replaced in storage" in text_of(response)


def test_letter_about_a_file_has_no_line(admin_client: Client) -> None:
    job = a_job()
    landed("batch-output/job-1/empty.jsonl", b"")
    received(job, "batch-output/job-1/empty.jsonl")
    letter = the_letter(code="empty_file")
    assert "not about a single line" in text_of(admin_client.get(page("deadletter", letter.pk)))
    assert admin_client.get(reverse("admin:batches_deadletter_line", args=[letter.pk])).status_code == 404


def test_lines_are_for_those_who_may_see_letters(client: Client, django_user_model: Any) -> None:
    mixed_job()
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    for view in ("line", "preview", "change"):
        address = reverse(f"admin:batches_deadletter_{view}", args=[the_letter(code="invalid_date").pk])
        assert client.get(address).status_code == 403

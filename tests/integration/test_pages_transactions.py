"""Transactions: found without counting them all, confirmed or rejected once, traced back to their line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches import review as review_verb
from batches.models import ImageUpload, Job, Transaction
from batches.review import TooMany, review
from batches.states import ReviewState
from tests.builders import a_job, image, ingested, jsonl, line, receipts, transaction_id
from tests.integration.pages import BUDGET, MARKS, page, pages, person, signed_in, text_of

pytestmark = MARKS
MANY = 40_000


def found(client: Client, **query: str) -> int:
    count: int = client.get(pages("transaction"), query).context["cl"].result_count
    return count


def reads_through(statement: str) -> bool:
    """Whether PostgreSQL would scan the whole table for it."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return any("Seq Scan on batches_transaction" in row for (row,) in cursor.fetchall())


@pytest.fixture
def rows() -> Job:
    job = a_job()
    upload = {"bucket": "local", "key": "uploads/user-9/1.jpg", "trace_id": "ab" * 16, "user_id": "user-9"}
    ImageUpload.objects.create(image_id=image(1), **upload)
    other = line(image(1), merchant="ローソン 新宿", type="income", date="2026-02-05")
    ingested(jsonl([line(image(0)), other]), job=job)
    return job


@pytest.fixture
def many(rows: Job) -> None:
    """More rows than are ever counted, made by the database itself."""
    chunk = Transaction.objects.values_list("chunk_id", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO batches_transaction (id, job_id, chunk_id, line, content, image_id, user_id, trace_id, amount,"
            " type, date, merchant, category, description, expires_on)"
            " SELECT substring(sha256(n::text::bytea) for 12), %s, %s, n, n, 'many-' || n, 'user-' || n %% 50,"
            " substring(sha256(n::text::bytea) for 16), 1, 'expense', DATE '2020-01-01' + n / 40, 'shop ' || n %% 900,"
            " 'fee', '', DATE '2030-01-01' FROM generate_series(1, %s) AS n",
            [rows.pk, chunk, MANY],
        )
        cursor.execute("ANALYZE batches_transaction")


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2), ({"q": image(1)}, 1), ({"q": "ab" * 16}, 1), ({"q": "セブン"}, 1), ({"q": "イレブン"}, 0),
     ({"q": transaction_id(image(0))}, 1), ({"q": "ff" * 12}, 0),
     ({"date_from": "2026-02-04"}, 1), ({"date_to": "2026-02-04"}, 1), ({"date_from": "nonsense"}, 2),
     ({"category__exact": "purchase"}, 2), ({"category__exact": "fee"}, 0), ({"type__exact": "income"}, 1),
     ({"merchant": "ローソン"}, 1), ({"user": "user-9"}, 1), ({"job": "job-1"}, 2), ({"job": "job-2"}, 0),
     ({"review__exact": "confirmed"}, 0), ({"written": "inserted"}, 2), ({"written": "updated"}, 0)],
)  # fmt: skip
def test_search_and_filters(admin_client: Client, rows: Job, query: dict[str, str], count: int) -> None:
    assert found(admin_client, **query) == count


def test_trace_without_an_upload_leads_to_its_row(admin_client: Client, rows: Job) -> None:
    row = Transaction.objects.get(image_id=image(0))
    assert found(admin_client, q=row.trace_id) == 1
    assert found(admin_client, q=row.trace_id[:24] + "0" * 8) == 0


def test_list_keeps_its_budget(admin_client: Client, django_assert_max_num_queries: Callable[..., Any]) -> None:
    ingested(receipts(range(60)))
    admin_client.get(pages("transaction"))
    with django_assert_max_num_queries(BUDGET):
        admin_client.get(pages("transaction"))


@pytest.mark.parametrize(
    "query", [{}, {"p": "100"}, {"q": "shop 1"}, {"q": "many-77"}, {"user": "user-7"}, {"date_from": "2022-06-01"}]
)
def test_big_table_is_never_read_through(admin_client: Client, many: None, query: dict[str, str]) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert admin_client.get(pages("transaction"), query).status_code == 200
    statements = [one["sql"] for one in captured if '"batches_transaction"' in one["sql"]]
    assert any("COUNT(*)" in statement for statement in statements)
    for statement in statements:
        # Counting may take the first 10,001 rows from wherever they lie; what is shown comes by an index.
        assert "LIMIT 10001" in statement if "COUNT(*)" in statement else not reads_through(statement), statement


def test_counting_stops(admin_client: Client, many: None) -> None:
    response = admin_client.get(pages("transaction"))
    assert response.context["cl"].result_count == 10_000
    assert "10,000+" in text_of(response)


def test_confirmed_once_and_recorded(rows: Job, admin_user: User) -> None:
    pks = list(Transaction.objects.values_list("pk", flat=True))
    assert review(pks, ReviewState.CONFIRMED, by=admin_user) == (2, 0)
    before = Transaction.objects.values_list("reviewed_at", "reviewed_by").first()
    assert review(pks, ReviewState.CONFIRMED, by=person("change_transaction")) == (0, 2)
    assert Transaction.objects.values_list("reviewed_at", "reviewed_by").first() == before
    assert LogEntry.objects.filter(user=admin_user, change_message="Confirmed.").count() == 2
    assert review(pks[:1], ReviewState.REJECTED, by=admin_user) == (1, 0)


def test_review_needs_the_permission(rows: Job) -> None:
    with pytest.raises(PermissionDenied):
        review([transaction_id(image(0))], ReviewState.CONFIRMED, by=person("view_transaction"))
    assert not Transaction.objects.exclude(review="unreviewed").exists()


def test_review_is_capped(rows: Job, admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_verb, "MOST_AT_ONCE", 1)
    with pytest.raises(TooMany, match="At most 1"):
        review(Transaction.objects.values_list("pk", flat=True), ReviewState.CONFIRMED, by=admin_user)


@pytest.mark.parametrize(("verb", "state"), [("confirm", "confirmed"), ("reject", "rejected")])
def test_list_action_is_the_verb(admin_client: Client, rows: Job, verb: str, state: str) -> None:
    pks = list(Transaction.objects.values_list("pk", flat=True))
    response = admin_client.post(pages("transaction"), {"action": verb, "_selected_action": pks}, follow=True)
    assert f"2 transactions {state}." in text_of(response)
    assert set(Transaction.objects.values_list("review", flat=True)) == {state}


def test_page_button_is_the_verb(admin_client: Client, rows: Job) -> None:
    pk = transaction_id(image(0))
    address = reverse("admin:batches_transaction_review", args=[pk])
    assert admin_client.get(address).status_code == 405
    response = admin_client.post(address, {"verb": "confirm"}, follow=True)
    assert "1 transaction confirmed." in text_of(response)
    assert "Later files cannot overwrite it" in text_of(response)
    assert Transaction.objects.get(pk=pk).reviewed_by == User.objects.get(username="admin")


def test_viewers_neither_see_nor_reach_the_verbs(rows: Job) -> None:
    client = signed_in("view_transaction")
    pk = transaction_id(image(0))
    assert 'value="confirm"' not in text_of(client.get(page("transaction", pk)))
    assert client.post(reverse("admin:batches_transaction_review", args=[pk]), {"verb": "confirm"}).status_code == 403
    client.post(pages("transaction"), {"action": "confirm", "_selected_action": [pk]})
    assert not Transaction.objects.exclude(review="unreviewed").exists()


def test_page_leads_back_to_file_and_line(admin_client: Client, rows: Job, small_chunks: None) -> None:
    row = Transaction.objects.get(image_id=image(1))
    response = admin_client.get(page("transaction", row.pk))
    assert response.context["number"] == 2
    for told in (row.trace_id, rows.intent_id, page("job", rows.pk), page("resultfile", row.chunk.file_id)):
        assert told in text_of(response)


def test_download_is_the_very_line(admin_client: Client, small_chunks: None) -> None:
    content = receipts(range(9))
    ingested(content)
    for number, expected in enumerate(content.splitlines()):
        address = reverse("admin:batches_transaction_line", args=[transaction_id(image(number))])
        response: Any = admin_client.get(address)
        assert b"".join(response.streaming_content) == expected


def test_id_that_is_none_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(page("transaction", "nonsense")).status_code == 404

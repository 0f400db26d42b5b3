"""The page of a letter about a message: its body, laid out and elided, and never a secret."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.test import Client

from batches.doors.keep import MOST_BYTES, Stray, keep_message
from batches.letters.write_letter import write_letter
from batches.models import DeadLetter, StrayMessage
from batches.pages.message import MOST_SHOWN, shown
from tests.events.cloud import envelope, event, record
from tests.integration.pages import MARKS, text_of

pytestmark = MARKS

SECRETS = {
    "a password": ('{"password": "hunter2"}', "hunter2"),
    "a nested token": ('{"a": [{"accessToken": "hunter2"}]}', "hunter2"),
    "an address with a password": ('{"url": "https://ann:hunter2@example.com/"}', "hunter2"),
    "a presigned address": ('{"url": "https://b.s3.amazonaws.com/k?X-Amz-Signature=hunter2&x=1"}', "hunter2"),
    "in text": ("see https://b.s3.amazonaws.com/k?X-Amz-Signature=hunter2", "hunter2"),
    "an SNS envelope": (envelope("hello"), "Action=Unsubscribe"),
    "JSON in JSON": (json.dumps({"Message": '{"secret": "hunter2"}'}), "hunter2"),
}


def kept(body: bytes) -> DeadLetter:
    stray = Stray("events", body, "id-1", 3, datetime(2026, 11, 19, 1, 2, 3, tzinfo=UTC), {"task": "batches.work"})
    return keep_message(stray, "dead_message", "It was given up.")


def page(client: Client, letter: DeadLetter) -> str:
    return text_of(client.get(f"/admin/batches/deadletter/{letter.pk}/change/"))


def test_the_page_shows_body_and_what_the_queue_said(admin_client: Client) -> None:
    html = page(admin_client, kept(event(record("uploads/u/1.png", "b")).encode()))

    for part in (
        "The message",
        "uploads%2Fu%2F1.png",
        "events",
        "id-1",
        "batches.work",
        "19 Nov 2026",
        "It was given up.",
    ):
        assert part in html
    assert "The original line" not in html


def test_a_huge_body_is_elided_on_the_page_and_whole_in_the_database(admin_client: Client) -> None:
    body = b"x" * 256 * 1024
    html = page(admin_client, kept(body))

    assert f"{len(body) - MOST_SHOWN:,} more characters" in html
    assert "x" * (MOST_SHOWN + 1) not in html
    assert bytes(StrayMessage.objects.get().body) == body


def test_what_no_queue_of_ours_could_hold_is_cut_and_says_so(admin_client: Client) -> None:
    html = page(admin_client, kept(b"x" * (MOST_BYTES + 5)))

    assert len(StrayMessage.objects.get().body) == MOST_BYTES
    assert f"{MOST_BYTES + 5:,} bytes" in html
    assert "was not kept" in html


def test_a_body_cannot_break_the_page(admin_client: Client) -> None:
    html = page(admin_client, kept(b'<script>alert(1)</script>\x00\xff \xe2\x80\xae"'))

    assert "<script>alert" not in html
    assert "\x00" not in html


@pytest.mark.parametrize(("body", "secret"), SECRETS.values(), ids=SECRETS)
def test_no_secret_is_shown(body: str, secret: str) -> None:
    assert secret in body
    assert secret not in shown(body.encode())


def test_what_is_packed_is_unpacked() -> None:
    celery = base64.b64encode(b'{"body": "W10=", "headers": {"task": "batches.work"}}')

    assert '"task": "batches.work"' in shown(celery)
    assert '"key": "uploads%2Fu%2F1.png"' in shown(envelope(event(record("uploads/u/1.png", "b"))).encode())


def test_a_letter_that_is_about_no_message_has_no_such_card(admin_client: Client) -> None:
    letter, _ = write_letter({"kind": "event", "code": "unknown_job", "source": "b/k@v"}, message="m")

    assert "The message" not in page(admin_client, letter)


def test_the_database_keeps_one_of_each_occurrence() -> None:
    stray = StrayMessage.objects.get(letter=kept(b"x"))
    stray.pk, (stray.letter, _) = None, write_letter({"kind": "event", "code": "c", "source": "s"}, message="m")

    with pytest.raises(IntegrityError, match="stray_message_once"):
        stray.save(force_insert=True)

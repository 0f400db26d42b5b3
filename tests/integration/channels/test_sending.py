"""From the outbox to a channel: at most once, again only when it is known that it was not taken."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from monitoring.channels.again import leave, try_again, try_all_again
from monitoring.channels.claim import claim_delivery, due_channels
from monitoring.channels.hand_out import hand_out
from monitoring.channels.lose import mark_lost
from monitoring.channels.send import send_delivery, send_next
from monitoring.channels.send_test import send_test
from monitoring.channels.settle import pause_after
from monitoring.channels.signing import secret_of
from monitoring.models import AuditEntry, Channel, Delivery, Notice
from tests.channels import a_channel, a_notice, deliveries, is_signed
from tests.integration.channels.servers import Receiver, receiving
from tests.ports import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local(settings: Settings) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.SITE_ADDRESS = "https://nightshelf.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def rested() -> None:
    """As if the pauses were over."""
    past = timezone.now() - timedelta(days=1)
    Channel.objects.update(retry_at=None)
    Delivery.objects.filter(status="waiting").update(next_try_at=past)


def test_each_notice_goes_once_to_each_channel_that_takes_its_topic(receiver: Receiver) -> None:
    all_topics, low, off = (
        a_channel(receiver.url),
        a_channel(receiver.url, topics=["low stock"]),
        a_channel(enabled=False),
    )
    a_notice(), a_notice(topic="alarm")

    assert (hand_out(), hand_out()) == (2, 0)
    for channel in (all_topics, low, off):
        while send_next(channel.pk):
            pass

    assert deliveries() == {"sent": 3}
    assert not off.deliveries.exists()
    assert low.deliveries.get().notice.topic == "low stock"
    keys = [got.headers["idempotency-key"] for got in receiver.got]
    assert len(set(keys)) == 3
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}
    assert not Notice.objects.filter(sent_at=None).exists()


def test_what_nobody_takes_is_kept_and_not_sent_to_later_channels(receiver: Receiver) -> None:
    notice = a_notice()
    hand_out()
    later = a_channel(receiver.url)
    hand_out()
    notice.refresh_from_db()

    assert (notice.state, notice.sent_at) == ("kept", None)
    assert not send_next(later.pk)


def test_a_webhook_is_signed_as_its_receiver_checks_it(receiver: Receiver) -> None:
    channel, notice = a_channel(receiver.url), a_notice(subject="在庫 <!channel>")
    hand_out()
    send_next(channel.pk)
    (got,) = receiver.got

    assert is_signed(channel, got.headers, got.body)
    assert not is_signed(channel, got.headers, got.body + b" ")
    assert abs(int(got.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    told = json.loads(got.body)
    assert told["subject"] == "在庫 <!channel>"
    assert told["url"] == f"https://nightshelf.example{notice.link}"
    assert got.headers["idempotency-key"] == got.headers["webhook-id"] == f"{notice.key}:{channel.pk}"


def test_the_secret_is_not_stored_and_changes_with_its_salt(settings: Settings) -> None:
    channel = a_channel()
    before = secret_of(channel)
    assert before not in str(Channel.objects.values().get())
    channel.salt = "another"
    after = secret_of(channel)
    settings.SECRET_KEY = "y" * 50

    assert len({before, after, secret_of(channel)}) == 3


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_no_that_may_pass_is_tried_again_and_given_up_in_the_end(settings: Settings, status: int) -> None:
    settings.NOTIFY_TRIES = 3
    with receiving(lambda _: status) as receiver:
        channel, notice = a_channel(receiver.url), a_notice()
        hand_out()
        for attempt in (1, 2, 3):
            send_next(channel.pk)
            delivery = Delivery.objects.get()
            assert delivery.attempts == attempt == len(receiver.got)
            if attempt < 3:
                assert delivery.status == "waiting"
                assert not send_next(channel.pk), "it rests"
                assert due_channels() == []
                rested()
    notice.refresh_from_db()
    assert (delivery.status, notice.state) == ("given_up", "failed")
    assert delivery.last_error == f"The answer was {status}: ok"


@pytest.mark.parametrize("status", [302, 400, 401, 404, 410])
def test_a_no_that_will_not_pass_is_given_up_at_once(status: int) -> None:
    with receiving(lambda _: status) as receiver:
        channel = a_channel(receiver.url)
        a_notice()
        hand_out()
        send_next(channel.pk)
        assert not send_next(channel.pk)
    assert len(receiver.got) == 1
    assert deliveries() == {"given_up": 1}


def test_after_a_failure_one_notice_of_many_asks_whether_the_channel_is_back() -> None:
    answers = iter([500, 200, 200, 200])
    with receiving(lambda _: next(answers)) as receiver:
        channel = a_channel(receiver.url)
        for _ in range(3):
            a_notice()
        hand_out()
        while send_next(channel.pk):
            pass
        assert len(receiver.got) == 1
        rested()
        while send_next(channel.pk):
            pass
    channel.refresh_from_db()
    assert deliveries() == {"sent": 3}
    assert (channel.failures, channel.retry_at) == (0, None)


def test_a_server_that_says_when_to_come_back_is_obeyed() -> None:
    def later(handler: BaseHTTPRequestHandler) -> int:
        handler.wfile.write(b"HTTP/1.0 429 Slow down\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n")
        return 0

    with receiving(later) as receiver:
        channel = a_channel(receiver.url)
        a_notice()
        hand_out()
        send_next(channel.pk)
    channel.refresh_from_db()
    assert channel.retry_at is not None
    assert channel.retry_at - timezone.now() > timedelta(minutes=9)


def test_who_cannot_be_reached_is_tried_again() -> None:
    channel = a_channel(f"http://127.0.0.1:{free_port()}/")
    a_notice()
    hand_out()
    send_next(channel.pk)
    assert deliveries() == {"waiting": 1}
    assert "could not be reached" in Delivery.objects.get().last_error


def test_an_address_inside_is_never_asked(settings: Settings, receiver: Receiver) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = []
    channel = a_channel(receiver.url)
    a_notice()
    hand_out()
    send_next(channel.pk)

    assert receiver.got == []
    assert deliveries() == {"given_up": 1}
    assert "private address" in Delivery.objects.get().last_error


def hang_up(handler: BaseHTTPRequestHandler) -> int:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return 0


def test_who_hangs_up_is_not_sent_it_again_until_a_person_says_so() -> None:
    with receiving(hang_up) as receiver:
        channel, notice = a_channel(receiver.url), a_notice()
        hand_out()
        send_next(channel.pk)
        rested()
        assert not send_next(channel.pk)
        notice.refresh_from_db()
        assert (deliveries(), notice.state, len(receiver.got)) == ({"unsure": 1}, "failed", 1)

        operator = User.objects.create_superuser("operator")
        assert try_again(Delivery.objects.get(), actor=operator, reason="it did not arrive")
        send_next(channel.pk)
    first, second = (got.headers["idempotency-key"] for got in receiver.got)
    assert first == second
    assert AuditEntry.objects.get(action="retry").reason == "it did not arrive"


def test_an_error_that_nobody_foresaw_counts_as_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = a_channel()
    a_notice()
    hand_out()
    monkeypatch.setitem(__import__("monitoring.channels.send").channels.send.KINDS, "webhook", lambda *_: 1 / 0)
    send_next(channel.pk)
    assert deliveries() == {"unsure": 1}


def test_a_sender_that_was_lost_leaves_it_unsure_and_may_still_come_back(receiver: Receiver) -> None:
    channel, notice = a_channel(receiver.url), a_notice()
    hand_out()
    claimed = claim_delivery(channel.pk)
    assert claimed is not None
    assert mark_lost() == 0
    Delivery.objects.update(leased_until=F("leased_until") - timedelta(hours=1))
    assert mark_lost() == 1
    assert deliveries() == {"unsure": 1}
    assert not send_next(channel.pk)

    send_delivery(claimed)  # it only slept
    notice.refresh_from_db()
    assert (deliveries(), notice.state) == ({"sent": 1}, "sent")


def test_a_sender_that_comes_back_after_a_person_had_it_sent_again_changes_nothing(receiver: Receiver) -> None:
    channel = a_channel(receiver.url)
    a_notice()
    hand_out()
    slow = claim_delivery(channel.pk)
    assert slow is not None
    Delivery.objects.update(leased_until=F("leased_until") - timedelta(hours=1))
    mark_lost()
    try_again(Delivery.objects.get(), actor=User.objects.create_superuser("operator"), reason="again")
    assert claim_delivery(channel.pk) is not None
    send_delivery(slow)
    assert deliveries() == {"sending": 1}


@pytest.mark.django_db(transaction=True)  # a refusal is written down by a connection of its own
def test_people_leave_what_failed_or_have_all_of_a_channel_tried_again(receiver: Receiver) -> None:
    operator, clerk = User.objects.create_superuser("operator"), User.objects.create_user("clerk")
    channel = a_channel(receiver.url)
    for _ in range(3):
        a_notice()
    hand_out()
    Delivery.objects.update(status="given_up")
    one = Delivery.objects.order_by("pk")[0]

    with pytest.raises(PermissionDenied):
        leave(one, actor=clerk, reason="no")
    assert leave(one, actor=operator, reason="out of date")
    assert not leave(one, actor=operator, reason="out of date")
    assert try_all_again(channel, actor=operator, reason="it is back") == 2
    while send_next(channel.pk):
        pass
    assert deliveries() == {"dropped": 1, "sent": 2}
    assert Notice.objects.get(deliveries=one).state == "kept"


def test_a_test_goes_to_its_channel_alone(receiver: Receiver) -> None:
    channel, other = a_channel(receiver.url, topics=["alarm"]), a_channel(receiver.url)
    notice = send_test(channel, actor=User.objects.create_superuser("operator"))
    hand_out()
    send_next(channel.pk), send_next(other.pk)
    notice.refresh_from_db()

    assert (notice.state, len(receiver.got)) == ("sent", 1)
    assert json.loads(receiver.got[0].body)["topic"] == "test"


def test_pauses_double_up_to_an_hour() -> None:
    pauses: list[Any] = [pause_after(attempt) for attempt in (1, 2, 3, 20)]
    assert [15 <= pauses[0] < 17, 30 <= pauses[1] < 34, 60 <= pauses[2] < 67, 3600 <= pauses[3] < 3961] == [True] * 4

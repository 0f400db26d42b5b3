"""Several senders, slow channels, and senders that are killed: nothing is sent twice, nothing is forgotten."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest
from django.db.models import F
from pytest_django import Settings

from monitoring.channels import look
from monitoring.channels.claim import claim_delivery
from monitoring.channels.hand_out import hand_out
from monitoring.channels.look import look_for_notices, wait_for_all
from monitoring.channels.send import send_delivery
from monitoring.models import Delivery, Notice
from tests.channels import a_channel, a_notice, deliveries
from tests.concurrency.racing import PATIENCE, race
from tests.integration.channels.servers import receiving

pytestmark = pytest.mark.django_db(transaction=True)
LOCAL = "127.0.0.1"


@pytest.fixture(autouse=True)
def _local(settings: Settings) -> Iterator[None]:
    settings.NOTIFY_PRIVATE_ADDRESSES = [LOCAL]
    yield
    wait_for_all(PATIENCE)
    look._threads.clear()


def run_process(environment: dict[str, str], point: str) -> int:
    command = [sys.executable, "-m", "tests.concurrency.sending_process", point]
    return subprocess.run(command, env={**environment, "NOTIFY_PRIVATE_ADDRESSES": LOCAL}, check=False).returncode


def lease_over() -> None:
    Delivery.objects.filter(status="sending").update(leased_until=F("leased_until") - timedelta(hours=1))


def test_several_schedulers_send_each_notice_once() -> None:
    with receiving() as receiver:
        a_channel(receiver.url), a_channel(receiver.url)
        for _ in range(15):
            a_notice()
        race([hand_out] * 3)
        channels = Delivery.objects.values_list("channel", flat=True).distinct().order_by()
        race([partial(look.drain, channel) for channel in channels for _ in range(3)])

    assert deliveries() == {"sent": 30}
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == len(receiver.got) == 30
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_the_last_two_deliveries_of_a_notice_end_at_the_same_moment() -> None:
    with receiving() as receiver:
        first, second = a_channel(receiver.url), a_channel(receiver.url)
        for _ in range(10):
            a_notice()
            hand_out()
            claimed = [claim_delivery(channel.pk) for channel in (first, second)]
            race([partial(send_delivery, one) for one in claimed if one])
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_a_channel_that_does_not_answer_holds_up_no_other() -> None:
    answer_now = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> int:
        answer_now.wait(PATIENCE)
        return 200

    arrived = threading.Event()

    def quick(handler: BaseHTTPRequestHandler) -> int:
        arrived.set()
        return 200

    with receiving(slow) as stuck, receiving(quick) as free:
        a_channel(stuck.url, name="A"), a_channel(free.url, name="B")
        a_notice()
        look_for_notices()
        assert arrived.wait(PATIENCE)
        look_for_notices()  # looks again, and does not start a second thread beside the one that waits
        assert len(stuck.got) <= 1
        answer_now.set()
        wait_for_all(PATIENCE)
    assert deliveries() == {"sent": 2}
    assert len(stuck.got) == 1


def test_a_sender_killed_between_request_and_answer_sends_nothing_twice(environment: dict[str, str]) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    begun = threading.Event()

    def kill(handler: BaseHTTPRequestHandler) -> int:
        assert begun.wait(PATIENCE)
        processes[0].kill()
        return 0

    with receiving(kill) as receiver:
        a_channel(receiver.url)
        a_notice()
        command = [sys.executable, "-m", "tests.concurrency.sending_process", "wait"]
        processes.append(subprocess.Popen(command, env={**environment, "NOTIFY_PRIVATE_ADDRESSES": LOCAL}))
        begun.set()
        assert processes[0].wait(PATIENCE) == -signal.SIGKILL
        look_for_notices()
        assert deliveries() == {"sending": 1}, "its lease is not over"
        lease_over()
        look_for_notices()
        wait_for_all(PATIENCE)
    assert deliveries() == {"unsure": 1}
    assert len(receiver.got) == 1


def test_a_sender_killed_between_answer_and_commit_leaves_it_to_a_person(environment: dict[str, str]) -> None:
    with receiving() as receiver:
        a_channel(receiver.url)
        a_notice()
        assert run_process(environment, "after") == -signal.SIGKILL
        lease_over()
        look_for_notices()
        wait_for_all(PATIENCE)
    assert deliveries() == {"unsure": 1}
    assert len(receiver.got) == 1


def test_a_scheduler_that_is_told_to_end_ends_what_it_is_sending(environment: dict[str, str]) -> None:
    with receiving() as receiver:
        a_channel(receiver.url)
        a_notice()
        assert run_process(environment, "end") == 0
    assert deliveries() == {"sent": 1}

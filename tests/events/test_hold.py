"""Messages in hand stay hidden, for as long as they are in hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from batches.doors.hold import Hold
from batches.doors.sqs import Message, QueueAway, SqsQueue
from tests.events.cloud import Cloud
from tests.faults.site import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class CountedQueue(SqsQueue):
    """Counts the heartbeats, and fails when told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.beats = 0
        self.away = False

    def hide(self, messages: Sequence[Message], seconds: int) -> None:
        try:
            if self.away:
                raise QueueAway("away")
            super().hide(messages, seconds)
        finally:
            self.beats += 1  # only now: whoever waits for a beat relies on what it did


def test_a_message_in_hand_is_hidden_beyond_its_visibility_and_no_longer_than_that(cloud: Cloud) -> None:
    for _ in range(3):
        cloud.send("{}")
    queue = CountedQueue(cloud.queue_url)
    messages = queue.receive(wait=1, visibility=3)
    assert len(messages) == 3

    with Hold(queue, messages, 3):
        # A beat each second: at the fifth, the three seconds of the receive are over.
        wait_for(lambda: queue.beats >= 5, "the heartbeats")
        assert cloud.queue().receive(wait=0, visibility=3) == []

    wait_for(lambda: cloud.depth()[0] == 3, "the messages to show again")


def test_what_was_let_go_is_not_hidden_again(cloud: Cloud) -> None:
    cloud.send("{}")
    queue = CountedQueue(cloud.queue_url)
    [message] = queue.receive(wait=1, visibility=3)

    with Hold(queue, [message], 3) as hold:
        hold.let_go(message)
        cloud.queue().hide([message], 0)
        wait_for(lambda: queue.beats >= 2, "the heartbeats")
        assert cloud.depth() == (1, 0)


def test_a_heartbeat_that_fails_is_followed_by_the_next(cloud: Cloud) -> None:
    cloud.send("{}")
    queue = CountedQueue(cloud.queue_url)
    messages = queue.receive(wait=1, visibility=1)
    queue.away = True

    with Hold(queue, messages, 1):
        wait_for(lambda: queue.beats >= 2, "the failures")
        queue.away = False
        beats = queue.beats
        wait_for(lambda: queue.beats >= beats + 2, "the heartbeats")

    assert not [thread for thread in threading.enumerate() if thread.name == "hold"]

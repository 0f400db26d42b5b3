"""An SQS queue: receive, delete, keep hidden, look at. Any fault of it is `QueueAway`: the queue stands for itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from batches.doors.queue_name import queue_name

BATCH = 10  # SQS takes no more in one request
_making = threading.Lock()  # a client may be used by several threads, but not made by them


class QueueAway(Exception):
    """The queue could not be reached, or refused; a sentence with AWS's own words."""


class Message(NamedTuple):
    """`handle` is this delivery's, and is needed to delete or hide it. `receives` counts this delivery."""

    id: str
    handle: str
    body: str
    receives: int
    sent_at: datetime


class Depth(NamedTuple):
    waiting: int
    in_flight: int


class SqsQueue:
    """The queue at an address. May be used by several threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = queue_name(url)
        self._client = client("sqs")

    def receive(self, *, wait: int, visibility: int) -> list[Message]:
        """Up to ten messages, waited for up to `wait` seconds (long polling asks all of SQS's servers)."""
        with self._faults():
            answer = self._client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=wait,
                VisibilityTimeout=visibility,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        return [_message(told) for told in answer.get("Messages", ())]

    def delete(self, messages: Sequence[Message]) -> None:
        """One that is not deleted comes again, and changes nothing then."""
        for batch in _batches(messages):
            entries = [{"Id": str(at), "ReceiptHandle": message.handle} for at, message in enumerate(batch)]
            with self._faults():
                answer = self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            self._check("deleted", answer)

    def hide(self, messages: Sequence[Message], seconds: int) -> None:
        """Hidden from others for `seconds` from now; 0 gives them back."""
        for batch in _batches(messages):
            entries = [
                {"Id": str(at), "ReceiptHandle": message.handle, "VisibilityTimeout": seconds}
                for at, message in enumerate(batch)
            ]
            with self._faults():
                answer = self._client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
            self._check("hidden", answer)

    def depth(self) -> Depth:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        with self._faults():
            told = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names))["Attributes"]
        return Depth(*(int(told[name]) for name in names))

    def _check(self, what: str, answer: dict[str, Any]) -> None:
        if failed := answer.get("Failed"):
            told = "; ".join(sorted({f"{entry['Code']}: {entry.get('Message', '')}" for entry in failed}))
            raise QueueAway(f"{len(failed)} messages of {self.name} could not be {what} ({told}).")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as fault:
            raise QueueAway(f"Queue {self.name} could not be reached: {fault}") from fault


def client(service: str) -> Any:
    """A client for the events' endpoint. Credentials: boto3's own chain."""
    from botocore.config import Config

    # One try: whoever asks waits and asks again, by rules of its own. The wait of a long poll is added.
    config = Config(connect_timeout=5, read_timeout=settings.EVENT_WAIT_SECONDS + 10, retries={"total_max_attempts": 1})
    try:
        with _making:
            return _session().client(
                service,
                endpoint_url=settings.EVENT_ENDPOINT_URL or None,
                region_name=settings.EVENT_REGION or None,
                config=config,
            )
    except NoRegionError:
        raise ImproperlyConfigured("EVENT_REGION is not set: name the region of queue and topic.") from None


@cache
def _session() -> Any:
    """Read once: a session holds the descriptions of the services, which take longer to read than a request."""
    import boto3

    return boto3.session.Session()


def _message(told: dict[str, Any]) -> Message:
    attributes = told.get("Attributes", {})
    sent = int(attributes.get("SentTimestamp", 0)) / 1000
    return Message(
        told["MessageId"],
        told["ReceiptHandle"],
        told["Body"],
        int(attributes.get("ApproximateReceiveCount", 1)),
        datetime.fromtimestamp(sent, UTC),
    )


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    return (messages[at : at + BATCH] for at in range(0, len(messages), BATCH))

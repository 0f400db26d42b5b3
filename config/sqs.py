"""SQS as Celery's broker: kombu's transport, made to live through an SQS that is away.

kombu's own consumer ends its worker at the first poll that is refused or not answered: it takes the failure for an
empty list, and trips over it. Here every failed poll, whatever its status, is a lost connection: the worker says so,
and tries again for ever, as with every other broker.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from kombu.asynchronous import get_event_loop, set_event_loop
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.transport import SQS


class SqsAway(ConnectionError):
    """A poll was refused, or not answered at all."""


class Poll(AsyncSQSConnection):
    def _on_list_ready(self, parent: Any, markers: Any, operation: str, response: Any) -> Any:
        if response.status != self.STATUS_CODE_OK:
            raise SqsAway(f"SQS: {operation} was answered with {response.status} {response.reason}".rstrip())
        return super()._on_list_ready(parent, markers, operation, response)  # type: ignore[misc]


class Channel(SQS.Channel):
    hub: Any

    def basic_consume(self, *args: Any, **options: Any) -> Any:
        # The first channel of a connection is opened before the loop is made known again.
        self.hub = self.hub or get_event_loop()
        return super().basic_consume(*args, **options)

    def _get_from_sqs(
        self, queue_name: str, queue_url: str, connection: Any, count: int = 1, callback: Any = None
    ) -> Any:
        poll = Poll(connection.sqs_connection)
        return super()._get_from_sqs(queue_name, queue_url, poll, count, callback)  # type: ignore[misc]


class Transport(SQS.Transport):
    Channel = Channel
    # What SQS refuses (expired credentials, throttling, a queue that was deleted) may be put right: it is tried again.
    connection_errors = (*SQS.Transport.connection_errors, ClientError)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        # A lost connection made the worker reset its loop, and forget it: nobody would ever poll again, in silence.
        set_event_loop(loop)
        super().register_with_event_loop(connection, loop)

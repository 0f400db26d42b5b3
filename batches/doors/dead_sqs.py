"""SQS's dead-letter queue. A message comes here at the receive after its `maxReceiveCount`th, not before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from batches.doors.drain import Dead
from batches.doors.keep import Stray
from batches.doors.sqs import Depth, Message, SqsQueue

HIDDEN_SECONDS = 60  # long enough to keep ten messages
SENTENCE = (
    "This message was received {receives:,} times, and never came to an end: its queue gave it up. What it announced is"
    " not lost if it is in storage, where the sweep finds it; look at the log lines of this message id for the cause."
)


class DeadSqsQueue:
    def __init__(self, url: str) -> None:
        self._queue = SqsQueue(url)
        self.name = self._queue.name

    def depth(self) -> Depth:
        return self._queue.depth()

    def take(self) -> Sequence[Dead]:
        # A second's wait asks all servers; a short poll asks some, and may miss what the others have.
        return [self._dead(message) for message in self._queue.receive(wait=1, visibility=HIDDEN_SECONDS)]

    def forget(self, dead: Sequence[Dead]) -> None:
        self._queue.delete([cast(Message, one.token) for one in dead])

    def _dead(self, message: Message) -> Dead:
        receives = max(message.receives - 1, 0)  # this one is ours, not a try
        body = message.body.encode("utf-8", "surrogatepass")
        stray = Stray(self.name, body, message.id, receives, message.sent_at)
        return Dead(stray, SENTENCE.format(receives=receives), message)

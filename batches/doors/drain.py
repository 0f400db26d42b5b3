"""Dead-letter queues → the database, as they fill (Y11). A dead letter is kept before its queue forgets it.

The queue's own retention is no archive: on a standard SQS queue a message keeps the time it was first sent, and expires
in the dead-letter queue that much earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from django.db.models import F
from django.db.models.functions import Now

from batches.doors.keep import Stray, keep_message
from batches.doors.sqs import Depth, QueueAway
from batches.models import QueueLook
from monitoring import telemetry

MOST = 1_000  # in one go; the next is soon
CODE = "dead_message"


class Dead(NamedTuple):
    """A dead message: what is kept of it, why in a sentence, and what its queue needs to forget it."""

    stray: Stray
    sentence: str
    token: object


class DeadQueue(Protocol):
    """QueueAway from all of them."""

    @property
    def name(self) -> str: ...

    def depth(self) -> Depth: ...

    def take(self) -> Sequence[Dead]:
        """Some of its messages, hidden from others for a while; none when it is empty."""

    def forget(self, dead: Sequence[Dead]) -> None:
        """They are kept elsewhere. One that is not forgotten is delivered again."""


def drain(queue: DeadQueue) -> int:
    """Keep what is in the queue, and return how many messages that was. QueueAway is noted, and passes through."""
    try:
        before = queue.depth()
        count, oldest = _drained(queue)
        after = queue.depth()
    except QueueAway as away:
        note_look(queue.name, dead=True, failure=str(away))
        raise
    note_look(queue.name, dead=True, depth=before, after=after.waiting, oldest=oldest, drained=count)
    if count:
        telemetry.event("dead_queue_drained", queue=queue.name, messages=count, before=before.waiting)
    return count


def note_look(
    name: str,
    *,
    dead: bool,
    depth: Depth | None = None,
    after: int = 0,
    oldest: datetime | None = None,
    drained: int = 0,
    failure: str = "",
) -> None:
    """What the look saw. One that failed keeps the figures of the last that did not."""
    QueueLook.objects.get_or_create(queue=name, defaults={"dead": dead})
    seen: dict[str, object] = {"failure": failure}
    if depth is not None:
        seen |= {
            "depth": depth.waiting, "in_flight": depth.in_flight, "depth_after": after, "oldest_at": oldest,
            "looked_at": Now(),
        }  # fmt: skip
    QueueLook.objects.filter(queue=name).update(dead=dead, drained=F("drained") + drained, **seen)


def _drained(queue: DeadQueue) -> tuple[int, datetime | None]:
    count, sent = 0, []
    while count < MOST and (taken := queue.take()):
        kept = [dead for dead in taken if _keep(dead)]
        queue.forget(kept)
        count += len(kept)
        sent += [dead.stray.first_seen_at for dead in kept]
        if len(kept) < len(taken):  # it is hidden for a while; the others go on at the next look
            break
    return count, min(sent, default=None)


def _keep(dead: Dead) -> bool:
    try:
        keep_message(dead.stray, CODE, dead.sentence)
    except Exception:
        # Not forgotten by its queue, so not lost: the next look tries again.
        telemetry.fault("dead_message_not_kept", queue=dead.stray.queue, message_id=dead.stray.message_id)
        return False
    return True

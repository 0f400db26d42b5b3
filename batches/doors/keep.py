"""A message that comes to nothing is kept: its body, what the queue said about it, and a letter that says why.

Called before the message is deleted or acknowledged. Delivered again, it is found by its content; the message's id
would not do, because a redrive gives it another one (Y11).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from batches.letters.write_letter import write_letter
from batches.models import DeadLetter, StrayMessage
from batches.states import LetterKind, LetterStatus
from monitoring import telemetry

# What SQS lets a message hold. Only a message of another broker can be longer, and is cut here.
MOST_BYTES = 2**20


class Stray(NamedTuple):
    """A message as its queue gave it. `first_seen_at` is when it was sent, or died.

    `identity` tells it from others with the same body, where a body alone does not.
    """

    queue: str
    body: bytes
    message_id: str
    receive_count: int
    first_seen_at: datetime
    headers: dict[str, Any] = {}
    reason: str = ""
    identity: str = ""


def keep_message(stray: Stray, code: str, sentence: str) -> DeadLetter:
    """The letter about the message: a new one, or the open one of the same content."""
    try:
        with transaction.atomic():
            return _kept(stray, code, sentence)
    except IntegrityError:
        # Somebody else was keeping the same message at this moment: now it is there to be found.
        with transaction.atomic():
            return _kept(stray, code, sentence)


def digest_of(stray: Stray) -> bytes:
    return hashlib.sha256(b"\0".join((stray.queue.encode(), stray.identity.encode(), stray.body))).digest()


def _kept(stray: Stray, code: str, sentence: str) -> DeadLetter:
    digest = digest_of(stray)
    latest = (
        StrayMessage.objects.select_for_update(of=("self",))
        .select_related("letter")
        .filter(digest=digest)
        .order_by("-occurrence")
        .first()
    )
    if latest is None:
        return _written(stray, digest, 1, code, sentence)
    if latest.message_id == stray.message_id:  # delivered again: it could not be deleted the last time
        return latest.letter
    if latest.letter.status == LetterStatus.OPEN:
        StrayMessage.objects.filter(pk=latest.pk).update(
            times=F("times") + 1,
            message_id=stray.message_id,
            receive_count=stray.receive_count,
            drained_at=Now(),
        )
        return latest.letter
    # A person has closed the letter, and here it is again: not hidden behind the closed one.
    return _written(stray, digest, latest.occurrence + 1, code, sentence)


def _written(stray: Stray, digest: bytes, occurrence: int, code: str, sentence: str) -> DeadLetter:
    source = f"{stray.queue}@{digest.hex()[:32]}.{occurrence}"
    letter, _ = write_letter(
        {"kind": LetterKind.EVENT, "source": source, "code": code}, particulars=(stray.queue,), message=sentence
    )
    StrayMessage.objects.create(
        letter=letter,
        queue=stray.queue,
        digest=digest,
        occurrence=occurrence,
        message_id=stray.message_id[:200],
        receive_count=stray.receive_count,
        reason=stray.reason[:200],
        first_seen_at=stray.first_seen_at,
        size=len(stray.body),
        body=stray.body[:MOST_BYTES],
        headers=stray.headers,
    )
    telemetry.event("message_kept", queue=stray.queue, message_id=stray.message_id, code=code, letter=letter.pk)
    return letter

"""One message → all its records, each by itself; and the one line that is logged about it."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection
from opentelemetry.trace import SpanKind

from batches.doors.admit import Admitted, admit
from batches.doors.keep import Stray, keep_message
from batches.doors.message import Record, Unreadable, read_message
from batches.doors.sqs import Message
from batches.event_outcome import EventOutcome
from monitoring import telemetry
from monitoring.context import carrying
from monitoring.traces.redact import redacted
from storage.port import StorageFault

UNREADABLE, BAD_RECORD = "unreadable_message", "unreadable_record"


@dataclass
class Handled:
    """What a message came to. It may be deleted when nothing in it is left to be tried again.

    `passing`: what went wrong was storage or database, and may be over in a moment.
    """

    records: list[Admitted] = field(default_factory=list)
    fault: str = ""
    passing: bool = False

    @property
    def finished(self) -> bool:
        return all(record.outcome != EventOutcome.RETRIED for record in self.records)

    def outcomes(self) -> Counter[EventOutcome]:
        return Counter(record.outcome for record in self.records)


def handle(queue: str, message: Message) -> Handled:
    """Never raises: what may pass, and what is not understood, leaves the message unfinished, to come again."""
    handled = Handled()
    step = telemetry.span("event message", root=True, kind=SpanKind.CONSUMER, queue=queue, receives=message.receives)
    with step as told, carrying(queue=queue, message_id=message.id):
        found = read_message(message.body)
        if isinstance(found, Unreadable):
            _keep(handled, queue, message, UNREADABLE, found.sentence)
        else:
            for record in found.records:
                _attempt(handled, record)
            if found.bad:
                _keep(handled, queue, message, BAD_RECORD, " ".join(found.bad[:5]))
        if handled.fault:
            told.fail(redacted(handled.fault))
    return handled


def _attempt(handled: Handled, record: Record) -> None:
    try:
        handled.records.append(admit(record))
    except Exception as fault:
        _failed(handled, fault)


def _keep(handled: Handled, queue: str, message: Message, code: str, sentence: str) -> None:
    stray = Stray(queue, message.body.encode("utf-8", "surrogatepass"), message.id, message.receives, message.sent_at)
    try:
        letter = keep_message(stray, code, sentence)
        handled.records.append(Admitted(EventOutcome.LETTER, letter=letter.pk))
    except Exception as fault:
        _failed(handled, fault)


def _failed(handled: Handled, fault: Exception) -> None:
    """One record's surprise must not stop the others: it is told, and the message comes again for its sake."""
    if isinstance(fault, (OperationalError, InterfaceError)):
        connection.close()
        handled.passing = True
    elif isinstance(fault, StorageFault):
        handled.passing = True
    else:
        telemetry.fault("event_failed")
    handled.fault = f"{type(fault).__name__}: {fault}".strip().splitlines()[0]
    handled.records.append(Admitted(EventOutcome.RETRIED))


def tell(queue: str, message: Message, handled: Handled, seconds: float) -> None:
    """The one line about a message, with the ids of what was in it."""
    ids = {
        name: sorted({str(value) for record in handled.records if (value := getattr(record, name))})
        for name in ("job", "image", "trace", "letter")
    }
    telemetry.event(
        "event_message",
        level=logging.INFO if handled.finished else logging.WARNING,
        queue=queue,
        message_id=message.id,
        receives=message.receives,
        seconds=round(seconds, 3),
        **{str(outcome): count for outcome, count in handled.outcomes().items()},
        **{f"{name}s": found for name, found in ids.items() if found},
        **({"fault": handled.fault} if handled.fault else {}),
    )

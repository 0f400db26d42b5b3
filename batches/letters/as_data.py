"""Letters and groups as plain data: for the command line's JSON and the archive, one shape for both."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from batches.models import DeadLetter, LetterEvent, RedriveItem


def letter_data(letter: DeadLetter) -> dict[str, Any]:
    """A letter by the names the source documents use (Y9): imageId, error, timestamp, line, traceId, and all else."""
    return {
        "letter": letter.pk,
        "kind": letter.kind,
        "status": letter.status,
        "imageId": letter.record_id or None,
        "error": letter.message,
        "timestamp": moment(letter.created_at),
        "line": letter.line,
        "traceId": letter.trace_id,
        "code": letter.code,
        "field": letter.field or None,
        "excerpt": letter.excerpt or None,
        "group": letter.group_id,
        "jobId": letter.job.job_id if letter.job else None,
        "key": letter.file.key if letter.file else letter.source or None,
        "offset": letter.offset,
        "length": letter.length,
        "userId": letter.user_id or None,
        "amount": money(letter.amount),
        "transactionId": letter.transaction_id,
        "parent": letter.parent_id,
        "closedAt": moment(letter.closed_at),
    }


def letter_history(letter: DeadLetter) -> dict[str, Any]:
    """What was done to it, oldest first, the redrives it was in, and the letter that took its place."""
    return {
        "events": [event_data(event) for event in letter.events.select_related("actor")],
        "redrives": [item_data(item) for item in letter.redrive_items.order_by("pk")],
        "child": letter.children.values_list("pk", flat=True).first(),
    }


def event_data(event: LetterEvent) -> dict[str, Any]:
    return {
        "name": event.name,
        "message": event.message or None,
        "redrive": event.redrive_id,
        "by": event.actor.get_username() if event.actor else None,
        "at": moment(event.at),
    }


def item_data(item: RedriveItem) -> dict[str, Any]:
    return {
        "redrive": item.redrive_id,
        "status": item.status,
        "outcome": item.outcome or None,
        "message": item.message or None,
        "finishedAt": moment(item.finished_at),
    }


def group_data(group: Any, trend: list[int]) -> dict[str, Any]:
    """A group annotated by `figures.with_figures`."""
    return {
        "group": group.pk,
        "kind": group.kind,
        "code": group.code,
        "field": group.field or None,
        "pattern": group.pattern,
        "status": group.status,
        "letters": group.letters_now,
        "open": group.open_now,
        "amount": money(group.amount_now),
        "users": group.users_now,
        "jobs": group.jobs_now,
        "firstSeen": moment(group.first_seen),
        "lastSeen": moment(group.seen_now),
        "returnedAt": moment(group.returned_at),
        "trend": trend,
    }


def moment(at: datetime | None) -> str | None:
    """By the business's clock (Y8)."""
    return timezone.localtime(at).isoformat() if at else None


def money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"

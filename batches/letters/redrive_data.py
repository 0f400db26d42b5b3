"""Redrives, and what a dry run shows, as plain data: for the command line's JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from batches.letters.as_data import moment
from batches.letters.dry_run import DryRun, Shown
from batches.letters.progress import Figures
from batches.models import Redrive, RedriveItem
from batches.states import ItemStatus

MOST_FAILED = 1000


def redrive_data(redrive: Redrive, figures: Figures) -> dict[str, Any]:
    return {
        "redrive": redrive.pk,
        "status": redrive.status,
        "total": redrive.total,
        **asdict(figures),
        "filters": redrive.filters,
        "upTo": redrive.up_to,
        "group": redrive.group_id,
        "rule": redrive.rule_id,
        "rate": redrive.rate,
        "ramp": redrive.ramp,
        "reason": redrive.reason or None,
        "stopReason": redrive.stop_reason or None,
        "lastError": redrive.last_error or None,
        "by": redrive.created_by.get_username(),
        "traceId": redrive.trace_id,
        "createdAt": moment(redrive.created_at),
        "finishedAt": moment(redrive.finished_at),
    }


def failed_items(redrive_id: int) -> list[dict[str, Any]]:
    """The letters that failed again, or could not be tried: what a person has to look at."""
    items = RedriveItem.objects.filter(redrive=redrive_id, status=ItemStatus.FAILED).order_by("id")
    found = items.values("letter_id", "outcome", "message", "letter__children__pk")[:MOST_FAILED]
    return [
        {
            "letter": item["letter_id"],
            "outcome": item["outcome"],
            "message": item["message"],
            "child": item["letter__children__pk"],
        }
        for item in found
    ]


def dry_run_data(shown: DryRun) -> dict[str, Any]:
    return {
        "dryRun": True,
        "taken": shown.taken,
        "shown": len(shown.shown),
        "whole": shown.whole,
        "outcomes": shown.outcomes,
        "letters": [_shown_data(each) for each in shown.shown],
    }


def _shown_data(shown: Shown) -> dict[str, Any]:
    return {
        "letter": shown.letter,
        "outcome": shown.outcome,
        "message": shown.message or None,
        "sameReason": shown.same_reason,
        "imageId": shown.record_id or None,
        "transactionId": shown.transaction_id or None,
        "changes": {name: [_text(was), _text(now)] for name, (was, now) in shown.changes.items()},
        "answerBefore": shown.answer_before,
        "answerAfter": shown.answer_after,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)

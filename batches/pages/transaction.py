"""A transaction's page: what was read, where it came from, and what else was said about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from batches.models import DeadLetter, Transaction
from batches.pages.image import picture_of
from batches.pages.numbering import lines_before, number_in_file
from batches.review import PERMISSION
from batches.states import ReviewState, before


def transaction_page(request: HttpRequest, row: Transaction) -> dict[str, Any]:
    # By image: letters have no index by transaction, and an image's letters are few.
    letters = DeadLetter.objects.filter(record_id=row.image_id, job=row.job_id)[:20]
    return {
        "row": row,
        "file": row.chunk.file,
        "number": number_in_file(lines_before([row.chunk_id]).get(row.chunk_id), row.line),
        **picture_of(request, row.image_id),
        "letters": letters,
        "may_review": request.user.has_perm(PERMISSION),
        "choices": [state for state in (ReviewState.CONFIRMED, ReviewState.REJECTED) if row.review in before(state)],
    }

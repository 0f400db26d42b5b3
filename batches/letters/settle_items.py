"""The items of a batch get their outcome, once."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from batches.letters.became import Became
from batches.models import Redrive

UPDATE = """
    UPDATE batches_redriveitem AS item
    SET status = told.status, outcome = told.outcome, message = told.message, finished_at = now()
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS told (letter_id, status, outcome, message)
    WHERE item.redrive_id = %s AND item.letter_id = told.letter_id AND item.status = 'waiting'"""


def settle_items(redrive: Redrive, became: Mapping[int, Became]) -> None:
    """In the batch's transaction, which holds the items: each of them waits until here."""
    if not became:
        return
    statuses, outcomes, messages = zip(*((str(each.status), each.outcome, each.message) for each in became.values()),
                                       strict=True)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [list(became), list(statuses), list(outcomes), list(messages), redrive.pk])
        if cursor.rowcount != len(became):
            raise RuntimeError(f"{len(became)} items of redrive {redrive.pk} were held, {cursor.rowcount} were there.")

"""The items of a batch get their outcome, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from batches.letters.became import Became
from batches.models import RedriveItem

# By nothing but the items' own ids: they are held, and were seen to wait. With a condition on their status the planner,
# which knows little of a table that has just grown, went through all of the redrive for each batch.
UPDATE = """
    UPDATE batches_redriveitem AS item
    SET status = told.status, outcome = told.outcome, message = told.message, finished_at = now()
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS told (id, status, outcome, message)
    WHERE item.id = told.id"""


def settle_items(items: Sequence[RedriveItem], became: Mapping[int, Became]) -> None:
    """`became` is by letter; items it does not name go on waiting. In the transaction that holds the items."""
    told = [(item.pk, became[item.letter_id]) for item in items if item.letter_id in became]
    if not told:
        return
    values: list[list[Any]] = [
        [pk for pk, _ in told],
        [str(each.status) for _, each in told],
        [each.outcome for _, each in told],
        [each.message for _, each in told],
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, values)
        if cursor.rowcount != len(told):
            raise RuntimeError(f"{len(told)} items were held, {cursor.rowcount} were there.")

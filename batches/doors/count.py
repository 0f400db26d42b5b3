"""How many records came to which end, added up in the database: `/metrics` of any process shows them all."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from batches.event_outcome import EventOutcome

# Sorted, so that two consumers lock the rows in the same order.
ADD = """
    INSERT INTO batches_eventcount (queue, outcome, count) VALUES (%s, %s, %s)
    ON CONFLICT (queue, outcome) DO UPDATE SET count = batches_eventcount.count + excluded.count"""


def count_outcomes(queue: str, outcomes: Counter[EventOutcome]) -> None:
    """One statement an outcome, each a transaction of its own: no consumer waits for another's batch."""
    with connection.cursor() as cursor:
        for outcome, count in sorted(outcomes.items()):
            cursor.execute(ADD, [queue, outcome, count])

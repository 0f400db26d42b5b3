"""What is done to a letter's answer before it is read: what was done to its parents, and then the rule at hand.

A letter that failed again under a rule tells of the answer as that rule had left it; the next rule goes on from
there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from batches.letters.patch import FROM_ORIGINAL
from batches.letters.patched_line import ANSWER

# Of the tries of an ancestor only one failed as a child: the others found storage away, or the object gone.
PARENTS = """
    WITH RECURSIVE line AS (
        SELECT id AS letter, parent_id AS ancestor, 1 AS depth FROM batches_deadletter
        WHERE id = ANY(%s) AND parent_id IS NOT NULL
        UNION ALL
        SELECT line.letter, parent.parent_id, depth + 1 FROM line
        JOIN batches_deadletter AS parent ON parent.id = line.ancestor WHERE parent.parent_id IS NOT NULL
    )
    SELECT line.letter, rule.operations FROM line
    JOIN batches_redriveitem AS item ON item.letter_id = line.ancestor AND item.status = 'failed'
        AND item.outcome IN ('failed_again', 'conflict')
    JOIN batches_redrive AS redrive ON redrive.id = item.redrive_id
    JOIN batches_patchrule AS rule ON rule.id = redrive.rule_id
    ORDER BY line.letter, line.depth DESC"""


def rule_chains(letter_ids: Iterable[int], operations: Sequence[Any]) -> dict[int, list[Any]]:
    """All operations for each letter, the oldest first."""
    ids = list(letter_ids)
    chains: dict[int, list[Any]] = {letter_id: [] for letter_id in ids}
    with connection.cursor() as cursor:
        cursor.execute(PARENTS, [ids])
        for letter_id, before in cursor.fetchall():
            chains[letter_id] += json.loads(before)  # as text: Django reads JSON in its own fields only
    return {letter_id: _from_where_it_begins([*chain, *operations]) for letter_id, chain in chains.items()}


def _from_where_it_begins(chain: list[Any]) -> list[Any]:
    """A person's own answer, or the wish to begin anew, leaves nothing of what was done before."""
    for at in range(len(chain) - 1, -1, -1):
        if chain[at]["op"] in (ANSWER, FROM_ORIGINAL):
            return chain[at:]
    return chain

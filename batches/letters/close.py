"""The one home of a letter's status: every change writes its tally and its history, in the caller's transaction.

Lock order, for whoever calls this in a larger transaction: files, jobs, letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from batches.letters.job_status import lock_jobs, settle_jobs
from batches.states import LetterStatus, before

# One statement: the letters still in a state from which they may go there, their tallies and their events.
MOVE = """
    WITH wanted AS (
        SELECT id FROM batches_deadletter WHERE id = ANY(%(ids)s) AND status = ANY(%(before)s) {further}
        ORDER BY id FOR NO KEY UPDATE
    ), moved AS (
        UPDATE batches_deadletter AS letter SET status = %(status)s, closed_at = {closed_at}
        FROM wanted WHERE letter.id = wanted.id
        RETURNING letter.id, letter.group_id, letter.amount, letter.job_id
    ), told AS (
        INSERT INTO batches_letterevent (letter_id, name, message, redrive_id, actor_id, at)
        SELECT moved.id, %(event)s, coalesce(own.message, %(message)s), %(redrive)s, %(actor)s, now()
        FROM moved LEFT JOIN unnest(%(own_ids)s::bigint[], %(own_messages)s::text[]) AS own (id, message)
            ON own.id = moved.id
        ORDER BY moved.id
    ), counted AS (
        INSERT INTO batches_lettertally (group_id, letters, open, amount, users, at)
        SELECT group_id, 0, {sign} count(*), {sign} coalesce(sum(amount), 0), '{{}}', now() FROM moved GROUP BY group_id
    )
    SELECT id, job_id FROM moved ORDER BY id"""


def close_letters(
    ids: Iterable[int],
    status: LetterStatus,
    *,
    event: str,
    message: str | Mapping[int, str] = "",
    actor: User | None = None,
    redrive: int | None = None,
) -> list[int]:
    """Resolve, replace or discard letters, and return the ids of those that were changed by this very call.

    Letters that are not open any more are left alone: somebody else got there first. `message` is one for all, or one
    for each letter's id. A job whose last open letter this was is finished. Must run inside a transaction; a thousand
    ids or so at once, for a job and its letters are locked until it ends.
    """
    if status == LetterStatus.OPEN:
        raise ValueError("Letters are opened again by reopen_letters.")
    return _move(list(ids), status, event=event, message=message, actor=actor, redrive=redrive)


def reopen_letters(
    ids: Iterable[int], *, event: str, message: str = "", actor: User | None = None, hours: int
) -> list[int]:
    """Discarded letters are open again, if that is not longer ago than `hours`. Otherwise as `close_letters`."""
    recent = "AND closed_at > now() - make_interval(hours => %(hours)s)"
    return _move(
        list(ids),
        LetterStatus.OPEN,
        event=event,
        message=message,
        actor=actor,
        redrive=None,
        further=recent,
        hours=hours,
    )


def _move(
    ids: list[int],
    status: LetterStatus,
    *,
    message: str | Mapping[int, str],
    actor: User | None,
    further: str = "",
    **values: Any,
) -> list[int]:
    if not connection.in_atomic_block:
        raise RuntimeError("A letter's status changes in a transaction, with what made it change.")
    jobs = lock_jobs(ids)
    opens = status == LetterStatus.OPEN
    own = dict(message) if isinstance(message, Mapping) else {}
    query = MOVE.format(further=further, closed_at="NULL" if opens else "now()", sign="" if opens else "-")
    parameters = {
        "ids": ids,
        "before": [str(state) for state in before(status)],
        "status": str(status),
        "message": message if isinstance(message, str) else "",
        "own_ids": list(own),
        "own_messages": list(own.values()),
        "actor": actor.pk if actor else None,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        moved = [letter for letter, _ in cursor.fetchall()]
    settle_jobs(jobs)
    return moved

"""Tallies move into their groups' own figures, so that there are never many to add up.

One roll-up at a time, by an advisory lock; whoever comes second has nothing to do. Each step is one transaction that
takes the oldest tallies away and adds them to their groups: killed anywhere, they are counted once, here or there.
A letter is closed after it was written, so its tallies are in that order, and no group's figure is ever below zero.
"""

from __future__ import annotations

from django.db import connection

from batches.pipeline.brief_transaction import brief_transaction
from monitoring import telemetry

MOST_TALLIES = 2000
LOCK_KEY = 0x6C65747465727300  # "letters"

TAKE = """
    CREATE TEMP TABLE taken ON COMMIT DROP AS
    WITH gone AS (
        DELETE FROM batches_lettertally WHERE id IN (
            SELECT id FROM batches_lettertally WHERE {which} ORDER BY id LIMIT %s
        ) RETURNING *
    ) SELECT * FROM gone"""
HOURS = """
    INSERT INTO batches_letterhour (group_id, hour, letters)
    SELECT group_id, date_trunc('hour', at), sum(letters) FROM taken WHERE letters > 0
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (group_id, hour) DO UPDATE SET letters = batches_letterhour.letters + excluded.letters"""
# Whom a group had never met before is counted by what the unique key let in.
GROUPS = """
    WITH touched AS (
        INSERT INTO batches_lettertouch (group_id, who, name)
        SELECT group_id, 'job', job_id::text FROM taken WHERE job_id IS NOT NULL AND letters > 0
        UNION
        SELECT group_id, 'user', unnest(users) FROM taken WHERE letters > 0
        ORDER BY 1, 2, 3
        ON CONFLICT (group_id, who, name) DO NOTHING RETURNING group_id, who
    ), met AS (
        SELECT group_id, count(*) FILTER (WHERE who = 'job') AS jobs, count(*) FILTER (WHERE who = 'user') AS users
        FROM touched GROUP BY 1
    ), told AS (
        SELECT group_id, sum(letters) AS letters, sum(open) AS open, sum(amount) AS amount,
            min(at) FILTER (WHERE letters > 0) AS first, max(at) FILTER (WHERE letters > 0) AS last
        FROM taken GROUP BY 1
    )
    UPDATE batches_lettergroup AS g SET
        letters = g.letters + told.letters, open = g.open + told.open, amount = g.amount + told.amount,
        jobs = g.jobs + coalesce(met.jobs, 0), users = g.users + coalesce(met.users, 0),
        first_seen = least(CASE WHEN g.letters > 0 THEN g.first_seen END, coalesce(told.first, g.first_seen)),
        last_seen = greatest(g.last_seen, told.last),
        -- New letters in a resolved group: it has returned. `resolve_group` has rolled up all that it knew of.
        status = CASE WHEN g.status = 'resolved' AND told.letters > 0 THEN 'open' ELSE g.status END,
        returned_at = CASE WHEN g.status = 'resolved' AND told.letters > 0 THEN told.last ELSE g.returned_at END
    FROM told LEFT JOIN met USING (group_id) WHERE g.fingerprint = told.group_id"""


def roll_up() -> int:
    """Roll up all tallies there are, and return their number; 0 as well when somebody else is at it."""
    total = 0
    while taken := _roll_some():
        total += taken
        if taken < MOST_TALLIES:
            break
    if total:
        telemetry.event("letters_rolled_up", tallies=total)
    return total


def roll_up_group(fingerprint: str) -> None:
    """All tallies of one group, in the caller's transaction, which keeps every other roll-up waiting until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        cursor.execute(TAKE.format(which="group_id = decode(%s, 'hex')"), [fingerprint, None])
        _add(cursor)
        cursor.execute("DROP TABLE taken")


def _roll_some() -> int:
    with brief_transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(TAKE.format(which="true"), [MOST_TALLIES])
        taken = int(cursor.rowcount)
        if taken:
            _add(cursor)
        return taken


def _add(cursor: object) -> None:
    for step in (HOURS, GROUPS):
        cursor.execute(step)  # type: ignore[attr-defined]

"""The groups that letters are about to join, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from batches.letters.fingerprint import Problem

INSERT = """
    INSERT INTO batches_lettergroup
        (fingerprint, kind, code, field, pattern, status, letters, open, amount, jobs, users, first_seen, last_seen)
    SELECT decode(found.fingerprint, 'hex'), found.kind, found.code, found.field, found.pattern, 'open', 0, 0, 0, 0, 0,
        now(), now()
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS found (fingerprint, kind, code, field, pattern)
    WHERE NOT EXISTS (SELECT FROM batches_lettergroup WHERE fingerprint = decode(found.fingerprint, 'hex'))
    ON CONFLICT DO NOTHING"""


def ensure_groups(problems: Iterable[Problem]) -> None:
    """Make the groups of these problems. Best outside a transaction: two that meet the same new problem then wait
    for each other no longer than one statement takes, and a group without letters harms nobody.

    In the order of their fingerprints: inside two transactions that insert the same groups, none waits for the other
    that waits for it.
    """
    wanted = sorted(set(problems))
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in zip(*wanted, strict=True)])

"""Rows of which some may be in the table: read what is there, settle each line, write what is new or different.

One chunk of a job merges at a time (an advisory lock), so that the outcome of a record in two chunks does not depend
on who looks first. Chunks on the straight way of `copy_rows` hold no lock: if one of them gets a row in between
reading and writing, the unique key says so, and the lines are settled again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction
from psycopg import sql

from batches.kinds.kind import Kind, Row
from batches.models import Chunk
from batches.pipeline.claim import Claim
from batches.pipeline.copy_rows import copy_rows, is_duplicate, lines_of
from batches.pipeline.look_up import look_up
from batches.pipeline.settle import Known, Outcome, Place, settle
from batches.pipeline.siblings import demote_owners, demote_repeated, repeated_later
from batches.pipeline.tally import Tally

STAGING = "staging"


@dataclass
class Settled:
    """A batch's rows by what is to become of them, and what is `known` of those the rules were asked about."""

    new: list[Row] = field(default_factory=list)
    by: dict[Outcome, list[Row]] = field(default_factory=lambda: {outcome: [] for outcome in Outcome})
    known: dict[bytes, Known] = field(default_factory=dict)


class Overtaken(Exception):
    """A row changed between being read and being written."""


def merge_rows(kind: Kind, claim: Claim, rows: Sequence[Row], tally: Tally) -> list[Row]:
    """Write rows by the rules of `settle`, count them, and return those in conflict with what a person decided."""
    return merge_settled(kind, claim, rows, tally).by[Outcome.CONFLICT]


def merge_settled(kind: Kind, claim: Claim, rows: Sequence[Row], tally: Tally) -> Settled:
    """As `merge_rows`, returning what became of each row. A line that is put back later comes this way too."""
    _lock_job(claim.job_pk)
    while True:
        settled = _settle_all(claim, rows, look_up(kind, claim, rows))
        try:
            with transaction.atomic():
                copy_rows(kind.table, kind.columns, lines_of(kind, claim, settled.new))
                _update(kind, claim, settled)
        except Overtaken:
            continue
        except IntegrityError as fault:
            if not is_duplicate(fault):
                raise
            continue  # somebody else got there first: what is there now is read again
        break
    _count(claim, settled, tally)
    return settled


def _lock_job(job_pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [job_pk])


def _settle_all(claim: Claim, rows: Sequence[Row], found: dict[int, Known | None]) -> Settled:
    settled = Settled()
    settled.by[Outcome.UNCHANGED] = [row for n, row in enumerate(rows) if n not in found] if found else list(rows)
    places = _places({claim.chunk_id, *(known.chunk_id for known in found.values() if known)})
    for n, known in found.items():
        row = rows[n]
        if known is None:
            settled.new.append(row)
        else:
            settled.known[row.id] = known
            settled.by[settle(row, known, claim.chunk_id, places)].append(row)
    _leave_to_later(claim, settled)
    return settled


def _places(chunk_ids: set[int]) -> dict[int, Place]:
    """Rows of one id are one job's (Y4), so whatever chunk wrote one stands somewhere in the job's order."""
    chunks = Chunk.objects.filter(pk__in=chunk_ids).values_list("pk", "file_id", "start")
    return {pk: Place(file_id, start) for pk, file_id, start in chunks}


def _leave_to_later(claim: Claim, settled: Settled) -> None:
    updated = settled.by[Outcome.UPDATED]
    later = repeated_later(claim, updated)
    settled.by[Outcome.SUPERSEDED] += [row for row in updated if row.id in later]
    settled.by[Outcome.UPDATED] = [row for row in updated if row.id not in later]


def _update(kind: Kind, claim: Claim, settled: Settled) -> None:
    """Write changed rows over the ones that were read, and only over those. Overtaken when one is another by now."""
    changes = [(row, 1) for row in settled.by[Outcome.UPDATED]]
    changes += [(row, 0) for row in settled.by[Outcome.TAKEN_OVER]]
    if not changes:
        return
    names = [sql.Identifier(name) for name in kind.columns]
    table, staging = sql.Identifier(kind.table), sql.Identifier(STAGING)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMP TABLE {} ON COMMIT DROP AS"
                " SELECT {}, chunk_id AS seen_chunk, line AS seen_line, 0 AS step FROM {} WITH NO DATA"
            ).format(staging, sql.SQL(", ").join(names), table)
        )
        copy_rows(
            STAGING, (*kind.columns, "seen_chunk", "seen_line", "step"), _staged(kind, claim, changes, settled.known)
        )
        cursor.execute(
            sql.SQL(
                "UPDATE {table} AS t SET {sets}, revision = t.revision + s.step, updated_at = now() FROM {staging} AS s"
                " WHERE t.id = s.id AND t.chunk_id = s.seen_chunk AND t.line = s.seen_line"
                " AND (t.content = s.content OR ({undecided}))"
            ).format(
                undecided=sql.SQL(kind.undecided),
                table=table,
                staging=staging,
                sets=sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(name) for name in names[1:]),
            )
        )
        written = cursor.rowcount
        cursor.execute(sql.SQL("DROP TABLE {}").format(staging))
    if written != len(changes):
        raise Overtaken


def _staged(kind: Kind, claim: Claim, changes: list[tuple[Row, int]], known: dict[bytes, Known]) -> Iterator[str]:
    lines = lines_of(kind, claim, (row for row, _ in changes))
    for (row, step), line in zip(changes, lines, strict=True):
        seen = known[row.id]
        yield f"{line[:-1]}\t{seen.chunk_id}\t{seen.line}\t{step}\n"


def _count(claim: Claim, settled: Settled, tally: Tally) -> None:
    by = settled.by
    tally.inserted += len(settled.new)
    tally.updated += len(by[Outcome.UPDATED])
    tally.unchanged += len(by[Outcome.UNCHANGED])
    tally.superseded += len(by[Outcome.SUPERSEDED]) + len(by[Outcome.CONFLICT])
    tally.unchanged_ids += b"".join([row.id for row in by[Outcome.UNCHANGED]])
    demote_repeated(claim, by[Outcome.UPDATED], tally)
    demote_owners(claim, [settled.known[row.id] for row in by[Outcome.TAKEN_OVER]], tally)

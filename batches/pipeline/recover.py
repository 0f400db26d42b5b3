"""Put right what a dead worker, a lost message or a broker that is away has left lying.

Runs in the scheduler's own process and at the start of every worker (config/watch.py), and needs no queue: it reads
the database.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from batches.models import Chunk, ResultFile
from batches.pipeline.finish import finish_file
from batches.pipeline.hand_back import hand_back
from batches.pipeline.wake import wake_workers
from batches.states import OPEN_CHUNKS, ChunkStatus, FileStatus

DEAD_WORKER = "the worker stopped answering (killed, out of memory, or cut off)."


def recover() -> None:
    take_back_leases()
    finish_files()
    wake_workers(Chunk.objects.filter(status=ChunkStatus.PENDING, not_before__lte=Now()).count())


def take_back_leases() -> None:
    """Chunks whose heartbeats were missed until the lease ran out go back, or become poison."""
    expired = Chunk.objects.filter(status=ChunkStatus.LEASED, leased_until__lt=Now())
    for chunk_id, lease, holder in expired.values_list("pk", "lease", "holder"):
        end_connection(f"nightshelf chunk {chunk_id} lease {lease}")
        hand_back(chunk_id, lease, f"{holder}: {DEAD_WORKER}", passing=False)


def finish_files() -> None:
    """Files whose last chunk was counted by a worker that died before it could say so."""
    open_chunks = Chunk.objects.filter(file=OuterRef("pk"), status__in=OPEN_CHUNKS)
    for file_id in ResultFile.objects.filter(~Exists(open_chunks), status=FileStatus.READING).values_list(
        "pk", flat=True
    ):
        finish_file(file_id)


def end_connection(application_name: str) -> None:
    # A worker that was stopped (not killed) inside its transaction keeps its locks until its connection ends.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database() AND pid <> pg_backend_pid()",
            [application_name],
        )

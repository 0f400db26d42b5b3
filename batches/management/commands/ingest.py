"""`manage.py ingest`: result files from a folder, a bucket or standard input, into rows."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from batches import balance, kinds
from batches.layout import MANIFEST, RESULT_NAME, place_of
from batches.management.database_away import told
from batches.models import Job, ResultFile
from batches.models.chunk import COUNTERS
from batches.pipeline.await_job import await_job
from batches.pipeline.open_job import Refused, open_job
from batches.pipeline.receive import receive_for
from batches.pipeline.take_in import default_job_id, digest_of, take_in, take_in_manifest
from batches.states import JobStatus
from pages.terminal import Progress
from storage import result_storage
from storage.port import StorageFault

ALL_IN, WITH_LETTERS, COULD_NOT_RUN = 0, 1, 2


class Remote(NamedTuple):
    bucket: str
    key: str


class Sources(NamedTuple):
    local: list[tuple[str, Path]]
    remote: list[Remote]
    manifests: list[Path]


class Command(BaseCommand):
    help = (
        "Take in result files: every line becomes a row or a dead letter, exactly once. Exit code: 0 all in,"
        " 1 finished with dead letters, 2 could not run. Without --wait: 0 when everything was received."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="file, folder, s3://bucket/key, or - for standard input"
        )
        parser.add_argument("--job", help="job id; made from the content when left out")
        parser.add_argument("--kind", choices=kinds.names(), help="what a new job's lines are; receipts when left out")
        parser.add_argument("--user", default="", help="whose results these are, for a job not known yet")
        parser.add_argument("--intent", default="", help="intent id, for a job not known yet; the job id when left out")
        parser.add_argument("--wait", action="store_true", help="until all is read, working here if no worker is alive")
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one object and nothing else; `pending` is in bytes: lines not read yet cannot be counted",
        )

    def handle(self, *, paths: list[str], **options: Any) -> None:
        began = time.monotonic()
        try:
            with ExitStack() as spools:
                sources = _sources(paths, spools)
                job = _job(sources, options)
                files = _receive(job, sources)
            if options["wait"]:
                self._wait(job, quiet=options["json"])
        except (Refused, StorageFault, OSError) as fault:
            self._stop(str(fault))
        except DatabaseError as fault:
            self._stop(told(fault))
        job.refresh_from_db()
        result = _result(job, files, time.monotonic() - began)
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else _told(result))
        sys.exit(_exit_code(job) if options["wait"] else ALL_IN)

    def _wait(self, job: Job, *, quiet: bool) -> None:
        with Progress(f"job {job.job_id}", quiet=quiet) as progress:
            await_job(
                job,
                seen=lambda now: progress.show(now.size - now.pending, now.size, now.read),
                alone=lambda: progress.say("No worker answers: the work is done in this process."),
            )

    def _stop(self, sentence: str) -> None:
        raise CommandError(sentence, returncode=COULD_NOT_RUN)


def _sources(paths: list[str], spools: ExitStack) -> Sources:
    sources = Sources([], [], [])
    for path in paths:
        if path == "-":
            sources.local.append(("stdin", _spooled(sys.stdin.buffer, spools)))
        elif path.startswith("s3://"):
            bucket, _, key = path.removeprefix("s3://").partition("/")  # not urlsplit: a key may hold ? and #
            sources.remote.append(Remote(bucket, key))
        elif Path(path).is_dir():
            _add_folder(sources, Path(path))
        elif Path(path).is_file():
            sources.local.append((Path(path).name, Path(path)))
        else:
            raise Refused(f"{path} is neither a file nor a folder.")
    return sources


def _add_folder(sources: Sources, folder: Path) -> None:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    results = [path for path in found if RESULT_NAME.search(path.name)]
    if not results:
        raise Refused(f"Folder {folder} holds no result file (*.jsonl, *.jsonl.gz, *.jsonl.out).")
    sources.local.extend((path.name, path) for path in results)
    sources.manifests.extend(path for path in found if path.name == MANIFEST)


def _spooled(stream: IO[bytes], spools: ExitStack) -> Path:
    # A pipe can be read once, but its content is hashed before it is stored.
    file = spools.enter_context(tempfile.NamedTemporaryFile(prefix="nightshelf-"))  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(stream, file, 2**20)
    file.flush()
    return Path(file.name)


def _job(sources: Sources, options: dict[str, Any]) -> Job:
    job_id = options["job"] or _job_of_keys(sources)
    job_id = job_id or default_job_id(_digest(path) for _, path in sources.local)
    known = Job.objects.filter(job_id=job_id).first()
    user = options["user"] or (known.user_id if known else "operator")
    kind = options["kind"] or (known.kind if known else "receipts")
    return open_job(job_id, kind=kind, user_id=user, intent_id=options["intent"])


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return digest_of(content)


def _job_of_keys(sources: Sources) -> str | None:
    """The job a key in the bucket names: objects in place belong to the job of their folder."""
    places = {place.job_id if (place := place_of(remote.key)) else None for remote in sources.remote}
    if not places:
        return None
    if len(places) > 1 or None in places or sources.local:
        raise Refused("These objects do not name one job by their keys (batch-output/{job}/…): say which with --job.")
    return places.pop()


def _receive(job: Job, sources: Sources) -> list[ResultFile]:
    files = []
    for name, path in sources.local:
        with path.open("rb") as content:
            files.append(take_in(job, name, content, door="command"))
    for bucket, key in sources.remote:
        file = receive_for(job, bucket, key, result_storage(bucket).stat(key), door="command")
        if file.job_id != job.pk:
            raise Refused(f"s3://{bucket}/{key} was taken in for job {file.job.job_id} already, not for {job.job_id}.")
        files.append(file)
    for manifest in sources.manifests:
        with manifest.open("rb") as content:
            take_in_manifest(job, content)
    return files


def _result(job: Job, files: list[ResultFile], seconds: float) -> dict[str, Any]:
    told = balance.of_job(job.pk)
    counters = {name: getattr(told, name) for name in (*COUNTERS, "pending")}
    each = balance.of_files(file.pk for file in files)
    return {
        "job": job.job_id,
        "status": job.status,
        **counters,
        "seconds": round(seconds, 3),
        "files": [
            {"key": file.key, "status": file.status, "read": each[file.pk].read if file.pk in each else 0}
            for file in ResultFile.objects.filter(pk__in=[file.pk for file in files]).order_by("pk")
        ],
    }


def _told(result: dict[str, Any]) -> str:
    parts = " + ".join(f"{result[name]:,} {name}" for name in COUNTERS[1:])
    pending = f", {result['pending']:,} bytes pending" if result["pending"] else ""
    return (
        f"Job {result['job']}: {result['status']}. {result['read']:,} read = {parts}{pending}. {result['seconds']} s."
    )


def _exit_code(job: Job) -> int:
    return ALL_IN if job.status == JobStatus.FINISHED else WITH_LETTERS

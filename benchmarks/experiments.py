"""What was decided by measuring: run on demand (`--experiments`), shown on the page under "Experiments"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks import scratch, server
from benchmarks.engine import ingest
from benchmarks.lines import USER

CHUNK_MIB = (1, 2, 4, 8, 16, 32)
Contender = Callable[[], float]


def experiments(path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """title → what → median rows/s. The contenders of one experiment are interleaved."""
    batches = scratch.batches(path)
    in_order = [[text for _, text in rows] for rows in batches]
    by_id = [[text for _, text in sorted(rows)] for rows in batches]
    plan: dict[str, dict[str, Contender]] = {
        "Chunk size (engine, 2 workers)": {f"{size} MiB": _chunks_of(path, size) for size in CHUNK_MIB},
        "Owners known (engine, 2 workers)": {
            "no image was uploaded": _engine(path, uploads=False),
            "every image was uploaded": _engine(path, uploads=True),
        },
        "Key (copy, a transaction a chunk)": {
            "12 bytes, bytea": lambda: scratch.copied(in_order),
            "24 characters, varchar": lambda: scratch.copied(_hex_keys(in_order), text_key=True),
        },
        "Order within a chunk (copy, a transaction a chunk)": {
            "as in the file": lambda: scratch.copied(in_order),
            "sorted by id": lambda: scratch.copied(by_id),
        },
        "Way into the table (a transaction a chunk, sorted)": {
            "COPY straight in": lambda: scratch.copied(by_id),
            "COPY to a temporary table, INSERT … ON CONFLICT": lambda: scratch.staged(by_id),
        },
        "Each index's cost (copy, a transaction a chunk, sorted)": {
            "all of them": lambda: scratch.copied(by_id),
            **{f"without {name}": _without(by_id, name) for name in server.index_definitions()},
            "primary key only": lambda: scratch.copied(by_id, without=tuple(server.index_definitions())),
        },
    }
    return {title: _interleaved(title, contenders, rounds) for title, contenders in plan.items()}


def _interleaved(title: str, contenders: dict[str, Contender], rounds: int) -> dict[str, float]:
    print(title, flush=True)
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            server.empty()
            found[name].append(contender())
            print(f"  {name:50} {found[name][-1]:12,.0f} rows/s", flush=True)
    return {name: median(rates) for name, rates in found.items()}


def _chunks_of(path: Path, mebibytes: int) -> Contender:
    def run() -> float:
        from django.test import override_settings

        with override_settings(CHUNK_BYTES=mebibytes * 2**20):
            return ingest(path, 2).rate

    return run


def _engine(path: Path, *, uploads: bool) -> Contender:
    def run() -> float:
        if uploads:
            _upload_all(path)
        return ingest(path, 2).rate

    return run


def _upload_all(path: Path) -> None:
    """An `ImageUpload` for each line, so that each has an owner to be found."""
    from batches.models import ImageUpload
    from benchmarks.ready_text import chunks_of_records

    for records in chunks_of_records(path):
        ImageUpload.objects.bulk_create(
            ImageUpload(image_id=record.image_id, user_id=USER, bucket="local", key=f"{record.image_id}.png", job=None,
                        trace_id="0" * 32)
            for _, record in records
        )  # fmt: skip
    with server.superuser() as connection:
        connection.execute("VACUUM (ANALYZE) batches_imageupload")
        connection.execute("CHECKPOINT")


def _without(batches: list[list[str]], name: str) -> Contender:
    return lambda: scratch.copied(batches, without=(name,))


def _hex_keys(batches: list[list[str]]) -> Iterator[list[str]]:
    """COPY's text for bytes begins with two backslashes and an x: without them it is the key as 24 characters."""
    return ([text[3:] for text in rows] for rows in batches)

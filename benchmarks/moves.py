"""Moving images in S3 (moto's server, in a process of its own), beside a bare pool of threads that copies and deletes.

The same server, the same number of threads, images of the same size. Ours also claims, verifies each copy, records what
it did before and after it deletes, and would be finished by another worker if it were killed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

from benchmarks import server
from benchmarks.engine import Run, ingest
from benchmarks.lines import USER, receipts
from benchmarks.place import BASE, LOGS
from benchmarks.ready_text import chunks_of_records
from embedded.process import wait_until
from embedded.state import port_is_free

BUCKET = "bench-images"
THREADS = 16
ERRORS = 0.005
CREDENTIALS = {"access_key": "bench", "secret_key": "bench"}


class Pool:
    """Images in a bucket of a fresh server, and who moves them."""

    def __init__(self, port: int, images: list[str]) -> None:
        import boto3
        from botocore.config import Config

        self.endpoint = f"http://127.0.0.1:{port}"
        self.images = images
        config = Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}, signature_version="s3v4")
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="bench",
            aws_secret_access_key="bench", config=config,
        )  # fmt: skip
        self.client.create_bucket(Bucket=BUCKET)

    def fill(self) -> dict[str, str]:
        """The ETag of each, as the event of its upload tells it."""
        from batches.sample.image import receipt_png

        content = receipt_png(Random(7))

        def put(image: str) -> tuple[str, str]:
            answer = self.client.put_object(Bucket=BUCKET, Key=_source(image), Body=content)
            return image, answer["ETag"].strip('"')

        self.size = len(content)
        with ThreadPoolExecutor(THREADS) as pool:
            return dict(pool.map(put, self.images))

    def bare(self) -> Run:
        """What one would write without all that: copy, delete, next."""

        def move(image: str) -> None:
            source = f"{BUCKET}/{_source(image)}"
            self.client.copy_object(Bucket=BUCKET, Key=f"bare/{USER}/{image}.png", CopySource=source)
            self.client.delete_object(Bucket=BUCKET, Key=_source(image))

        self.fill()
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in pool.map(move, self.images):
                pass
        return Run(time.perf_counter() - began, len(self.images))

    def ours(self, *, told: bool = True, errors: float = 0.0) -> Run:
        """By the product's own verb, from finished file to the last image recorded. `told`: size and ETag are known."""
        from django.test import override_settings

        from batches.models import ImageUpload
        from batches.moves.work import move

        etags = self.fill()
        server.empty()
        _upload(etags, self.size if told else None)
        ingest(receipts_of(len(self.images)), 1)
        with override_settings(STORAGES=self._storages(), MOVE_THREADS=THREADS), _failing(errors):
            began = time.perf_counter()
            while move(seconds=600):
                pass
            seconds = time.perf_counter() - began
        moved = ImageUpload.objects.filter(status="moved").count()
        failed = ImageUpload.objects.exclude(status__in=["moved", "uploaded"]).count()
        return Run(seconds, moved, 0, {"moved": moved, "failed": failed})

    def _storages(self) -> dict[str, Any]:
        options = {"bucket_name": BUCKET, "endpoint_url": self.endpoint, "region_name": "us-east-1", **CREDENTIALS}
        return {"default": {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}}


def receipts_of(count: int) -> Any:
    """A file with at least so many records: two lines in a hundred are none."""
    return receipts(count + count // 20)


def images_of(count: int) -> list[str]:
    found = (record.image_id for records in chunks_of_records(receipts_of(count)) for _, record in records)
    return [image for image, _ in zip(found, range(count), strict=False)]


@contextmanager
def pool(count: int) -> Iterator[Pool]:
    port = next(number for number in range(45_000, 46_000) if port_is_free(number))
    with (LOGS / "moto.log").open("ab") as log:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, cwd=BASE, stdout=log, stderr=log)
    try:
        if not wait_until(lambda: not port_is_free(port), 30):
            raise SystemExit(f"moto's server does not answer: see {LOGS / 'moto.log'}.")
        yield Pool(port, images_of(count))
    finally:
        process.terminate()
        process.wait(timeout=30)


TURNS: dict[str, Callable[[Pool], Run]] = {
    "moves: bare boto3 pool": Pool.bare,
    "moves: ours": Pool.ours,
    "moves: ours, size and ETag not told": lambda images: images.ours(told=False),
    "moves: ours, 0.5 % errors": lambda images: images.ours(errors=ERRORS),
}


def _source(image: str) -> str:
    return f"uploads/{USER}/{image}.png"


def _upload(etags: dict[str, str], size: int | None) -> None:
    from batches.models import ImageUpload

    ImageUpload.objects.bulk_create(
        (
            ImageUpload(image_id=image, user_id=USER, bucket=BUCKET, key=_source(image), trace_id="0" * 32, size=size,
                        version=etag if size else "")
            for image, etag in etags.items()
        ),
        batch_size=2000,
    )  # fmt: skip


@contextmanager
def _failing(share: float) -> Iterator[None]:
    """That share of all requests is answered 503 instead of being sent."""
    from botocore.awsrequest import AWSResponse

    from storage.s3_moves import S3Moves

    original, random = S3Moves._make_mover, Random(7)

    def refuse(request: Any, **_: Any) -> Any:
        return AWSResponse(request.url, 503, {}, _Nothing()) if random.random() < share else None  # type: ignore[arg-type]

    def make(storage: Any) -> Any:
        client = original(storage)
        client.meta.events.register("before-send.s3", refuse)
        return client

    if share:
        setattr(S3Moves, "_make_mover", make)  # noqa: B010
    try:
        yield
    finally:
        setattr(S3Moves, "_make_mover", original)  # noqa: B010


class _Nothing:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b""

"""A file from storage, on this machine's disk for as long as it is worked on: a workbook has to be read to and fro."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from storage import result_storage


@contextmanager
def fetched(key: str) -> Iterator[IO[bytes]]:
    """StorageFault."""
    storage = result_storage()
    with TemporaryFile(prefix="nightshelf-import-") as file:
        for block in storage.blocks(key, storage.stat(key).version):
            file.write(block)
        file.seek(0)
        yield file

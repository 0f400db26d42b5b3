"""A folder as storage: the same verbs as S3, for one machine."""

from __future__ import annotations

import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.core.files.storage import FileSystemStorage

from batches.storage.folder_link import folder_link
from batches.storage.port import (
    Fingerprint,
    Listed,
    ObjectChanged,
    ObjectMissing,
    Stat,
    StorageAway,
    StorageFault,
    StorageRefused,
)

BLOCK_BYTES = 2**20
PARTIAL = ".partial"


class RangedFileStorage(FileSystemStorage):
    @property
    def bucket_name(self) -> str:
        return "local"

    def stat(self, key: str) -> Stat:
        try:
            return _stat(os.stat(self.path(key)))
        except FileNotFoundError:
            raise ObjectMissing(f"{key} is not in storage any more.") from None
        except OSError as fault:
            raise StorageAway(f"{key} could not be looked at: {fault.strerror}.") from fault

    def blocks(self, key: str, version: str, start: int = 0) -> Iterator[bytes]:
        try:
            with open(self.path(key), "rb", buffering=0) as file:
                _same(file, key, version)
                file.seek(start)
                while True:
                    block = file.read(BLOCK_BYTES)
                    # Checked behind each block, the empty last one too: a file overwritten or cut off in place must
                    # not be half old and half new.
                    _same(file, key, version)
                    if not block:
                        return
                    yield block
        except FileNotFoundError:
            raise ObjectMissing(f"{key} was deleted from storage.") from None
        except OSError as fault:
            raise StorageAway(f"{key} could not be read: {fault.strerror}.") from fault

    def put(self, key: str, content: IO[bytes]) -> None:
        """Write whole or not at all: a sweep never sees half a file. An object of that key is replaced.

        By other bytes, that is: the same bytes keep the version, as they keep an ETag, so that two processes that take
        in the same file at once do not pull it from under each other.
        """
        target = Path(self.path(key))
        partial = target.with_name(f".{uuid4().hex}{PARTIAL}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "wb") as file:
                shutil.copyfileobj(content, file, BLOCK_BYTES)
            _move(partial, target)
        except OSError as fault:
            raise StorageAway(f"{key} could not be written: {fault.strerror}.") from fault
        finally:
            with suppress(OSError):
                partial.unlink()

    def listing(self, prefix: str) -> Iterator[Listed]:
        root = Path(self.location)
        for folder, folders, files in os.walk(root / prefix):
            folders.sort()
            for name in sorted(files):
                path = Path(folder) / name
                key = path.relative_to(root).as_posix()
                if name.startswith("."):
                    continue
                try:
                    size, version = _stat(path.stat())
                except FileNotFoundError:  # deleted since the folder was read
                    continue
                yield Listed(key, size, version)

    def fingerprint(self, key: str) -> Fingerprint:
        try:
            with open(self.path(key), "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return Fingerprint(os.fstat(file.fileno()).st_size, {"sha256": digest})
        except OSError as fault:
            raise _fault(key, "read", fault) from fault

    def told(self, size: int, version: str) -> Fingerprint:
        return Fingerprint(size, {})  # a version here is a moment, which says nothing about the bytes

    def copy(self, source: str, target: str, version: str = "") -> None:
        try:
            with open(self.path(source), "rb") as file:
                if version:
                    _same(file, source, version)
                self.put(target, file)
        except OSError as fault:
            raise _fault(source, "copied", fault) from fault

    def remove(self, keys: Sequence[str]) -> dict[str, StorageFault]:
        faults: dict[str, StorageFault] = {}
        for key in keys:
            try:
                os.unlink(self.path(key))
            except FileNotFoundError:
                continue
            except OSError as fault:
                faults[key] = _fault(key, "deleted", fault)
        return faults

    def link(self, key: str, content_type: str, seconds: int) -> str:
        return folder_link(key, content_type, seconds)


def _fault(key: str, what: str, fault: OSError) -> StorageFault:
    if isinstance(fault, FileNotFoundError):
        return ObjectMissing(f"{key} is not in storage any more.")
    kind = StorageRefused if isinstance(fault, PermissionError | IsADirectoryError) else StorageAway
    return kind(f"{key} could not be {what}: {fault.strerror}.")


def _move(partial: Path, target: Path) -> None:
    try:
        os.link(partial, target)  # unlike a rename, this fails if there is one: nobody overlooks another's
    except FileExistsError:
        if not filecmp.cmp(partial, target, shallow=False):
            os.replace(partial, target)
    except OSError:  # a file system without links
        os.replace(partial, target)


def _stat(status: os.stat_result) -> Stat:
    return Stat(status.st_size, f"{status.st_mtime_ns:x}-{status.st_ino:x}-{status.st_size:x}")


def _same(file: IO[bytes], key: str, version: str) -> None:
    if _stat(os.fstat(file.fileno())).version != version:
        raise ObjectChanged(f"{key} was replaced in storage while it was being read.")

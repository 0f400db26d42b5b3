"""A folder as storage: the same verbs as S3, for one machine."""

from __future__ import annotations

import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import IO
from uuid import uuid4

from django.core.files.storage import FileSystemStorage

from storage.calls import called, streamed
from storage.folder_link import folder_link
from storage.folder_upload import folder_target
from storage.port import (
    Fingerprint,
    Listed,
    ObjectChanged,
    ObjectMissing,
    Stat,
    StorageAway,
    StorageFault,
    StorageRefused,
    Target,
)

BLOCK_BYTES = 2**20
PARTIAL = ".partial"


class RangedFileStorage(FileSystemStorage):
    _open = called("open")(FileSystemStorage._open)  # type: ignore[attr-defined]
    _save = called("put")(FileSystemStorage._save)  # type: ignore[attr-defined]
    delete = called("delete")(FileSystemStorage.delete)

    @property
    def bucket_name(self) -> str:
        return "local"

    @called("stat")
    def stat(self, key: str) -> Stat:
        try:
            return _stat(os.stat(self.path(key)))
        except FileNotFoundError:
            raise ObjectMissing(f"{key} is not in storage any more.") from None
        except OSError as fault:
            raise StorageAway(f"{key} could not be looked at: {fault.strerror}.") from fault

    @streamed("read")
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

    @called("put")
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

    def metadata(self, key: str) -> dict[str, str]:
        self.stat(key)
        return {}

    @streamed("list")
    def listing(self, prefix: str, after: str = "") -> Iterator[Listed]:
        """A folder's names are held in memory, but looked at one by one; folders before `after` are not entered."""
        return _files(Path(self.location), prefix.rstrip("/"), after)

    @called("fingerprint")
    def fingerprint(self, key: str) -> Fingerprint:
        try:
            with open(self.path(key), "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return Fingerprint(os.fstat(file.fileno()).st_size, {"sha256": digest})
        except OSError as fault:
            raise _fault(key, "read", fault) from fault

    def told(self, size: int, version: str) -> Fingerprint:
        return Fingerprint(size, {})  # a version here is a moment, which says nothing about the bytes

    @called("copy")
    def copy(self, source: str, target: str, version: str = "") -> None:
        try:
            with open(self.path(source), "rb") as file:
                if version:
                    _same(file, source, version)
                self.put(target, file)
        except OSError as fault:
            raise _fault(source, "copied", fault) from fault

    @called("delete")
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

    def upload_target(self, key: str, content_type: str, max_bytes: int, seconds: int) -> Target:
        return folder_target(key, content_type, max_bytes, seconds)

    @called("put")
    def put_once(self, key: str, content: IO[bytes], size: int) -> None:
        """Store exactly `size` bytes, and only if there is no object of that key yet.

        StorageRefused when there is one; StorageAway when the stream ended early: nothing is stored then.
        """
        target = Path(self.path(key))
        partial = target.with_name(f".{uuid4().hex}{PARTIAL}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if (came := _copied(content, partial, size)) != size:
                raise StorageAway(f"The upload broke off: {came:,} of {size:,} bytes came.")
            _move_once(partial, target)
        except FileExistsError:
            raise StorageRefused(f"{key} was uploaded before.") from None
        except OSError as fault:
            raise StorageAway(f"{key} could not be written: {fault.strerror or fault}.") from fault
        finally:
            with suppress(OSError):
                partial.unlink()


def _files(root: Path, folder: str, after: str) -> Iterator[Listed]:
    for name in _names(root / folder):
        key = f"{folder}/{name}" if folder else name
        if name.endswith("/"):
            if key > after or after.startswith(key):
                yield from _files(root, key.rstrip("/"), after)
        elif key > after and (status := _status(root / key)):
            yield Listed(key, *_stat(status))


def _names(folder: Path) -> list[str]:
    """In the order in which the keys sort: a folder's name goes on with a slash."""
    try:
        with os.scandir(folder) as entries:
            names = [f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):  # none yet, or deleted since its name was read
        return []
    except OSError as fault:
        raise StorageAway(f"{folder.name} could not be looked through: {fault.strerror}.") from fault
    # What begins with a dot is being written. A name that is not UTF-8 could not be the key of an object.
    return sorted(name for name in names if not name.startswith(".") and _is_utf8(name))


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _status(path: Path) -> os.stat_result | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:  # deleted since its name was read
        return None
    return status if S_ISREG(status.st_mode) else None


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


def _copied(content: IO[bytes], partial: Path, size: int) -> int:
    """How many bytes came, `size` at most."""
    came = 0
    with open(partial, "wb") as file:
        while came < size and (block := content.read(min(BLOCK_BYTES, size - came))):
            file.write(block)
            came += len(block)
    return came


def _move_once(partial: Path, target: Path) -> None:
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the gap between looking and moving is as small as can be
        if target.exists():
            raise FileExistsError from None
        os.replace(partial, target)


def _stat(status: os.stat_result) -> Stat:
    return Stat(status.st_size, f"{status.st_mtime_ns:x}-{status.st_ino:x}-{status.st_size:x}")


def _same(file: IO[bytes], key: str, version: str) -> None:
    if _stat(os.fstat(file.fileno())).version != version:
        raise ObjectChanged(f"{key} was replaced in storage while it was being read.")

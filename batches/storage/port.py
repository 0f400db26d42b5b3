"""What the batches ask of storage beyond Django's own API: a version, a range, a listing.

Faults are told apart here, where they are understood: retryable (may pass) or permanent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple, Protocol


class StorageFault(Exception):
    """`code` for machines, a sentence for people, and whether trying again can help."""

    retryable = False
    code = "storage_fault"


class StorageAway(StorageFault):
    retryable = True
    code = "storage_away"


class ObjectMissing(StorageFault):
    code = "file_deleted"


class ObjectChanged(StorageFault):
    code = "file_replaced"


class Stat(NamedTuple):
    size: int
    version: str


class Listed(NamedTuple):
    key: str
    size: int
    version: str


class ResultStorage(Protocol):
    """A Django storage with the verbs the batches need. Keys are relative, with `/`."""

    @property
    def bucket_name(self) -> str: ...

    def stat(self, key: str) -> Stat:
        """Size in bytes and version; ObjectMissing, StorageAway."""

    def metadata(self, key: str) -> dict[str, str]:
        """What was stored beside the object (`x-amz-meta-…`), names in lower case; ObjectMissing, StorageAway."""

    def blocks(self, key: str, version: str, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` on, in blocks, of exactly that version.

        ObjectChanged when the object is another version by now, ObjectMissing, StorageAway.
        """

    def put(self, key: str, content: IO[bytes]) -> None:
        """Store whole or not at all, replacing an object of that key. The stream may be closed afterwards."""

    def listing(self, prefix: str, after: str = "") -> Iterator[Listed]:
        """Objects under the prefix, in the order of their keys' bytes, from behind the key `after` on.

        Page by page: however many objects there are, few of them are held in memory.
        """

"""What is asked of storage beyond Django's own API: a version, a range, a listing, a copy, a link, an upload.

Faults are told apart here, where they are understood: retryable (may pass) or permanent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


class StorageRefused(StorageFault):
    """Storage answered, and said no: a permission, a size, a name. Asking again would get the same answer."""

    code = "storage_refused"


class CopyDiffers(StorageFault):
    """What was copied is not what lies there now. Copying again may help."""

    retryable = True
    code = "copy_differs"


class Stat(NamedTuple):
    size: int
    version: str


class Listed(NamedTuple):
    key: str
    size: int
    version: str


class Fingerprint(NamedTuple):
    """What tells that two objects of one storage are alike: size in bytes, checksums by algorithm."""

    size: int
    checksums: Mapping[str, str]

    def agrees(self, other: Fingerprint) -> bool | None:
        """None when the sizes are equal, and nothing but the bytes themselves can tell."""
        if self.size != other.size:
            return False
        common = self.checksums.keys() & other.checksums.keys()
        return all(self.checksums[name] == other.checksums[name] for name in common) if common else None


class Target(NamedTuple):
    """Where and how a browser puts one object into storage: POST is a form of `fields` and, last, `file`; PUT is the
    bare bytes. `headers` go with either.
    """

    url: str
    method: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


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

    def fingerprint(self, key: str) -> Fingerprint:
        """Of the object as it is now; ObjectMissing, StorageRefused, StorageAway."""

    def told(self, size: int, version: str) -> Fingerprint:
        """Of the object that had this size and version, as far as they tell."""

    def copy(self, source: str, target: str, version: str = "") -> None:
        """Copy within the storage, replacing `target`; nothing is read here.

        ObjectChanged when `version` is given and the source is another; ObjectMissing, StorageRefused, StorageAway.
        """

    def remove(self, keys: Sequence[str]) -> dict[str, StorageFault]:
        """Delete many at once and return those that could not be. A key that is not there counts as deleted."""

    def link(self, key: str, content_type: str, seconds: int) -> str:
        """An address that shows the object to whoever has it, for so long. Made without asking storage."""

    def upload_target(self, key: str, content_type: str, max_bytes: int, seconds: int) -> Target:
        """Whoever has it may store that one object, for so long: so many bytes at most, and as that type.

        Made without asking storage; what is too large or of another type, storage refuses.
        """

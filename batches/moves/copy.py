"""Copy one image within storage, and make sure that the copy is the image. Storage only: run in threads, many at once.

Done twice, it is done once: the path is always the same, and a copy of the same bytes over itself changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from batches.layout import processed_key
from batches.moves.claim import Image
from batches.moves.retry import tried
from monitoring import telemetry
from storage.port import CopyDiffers, Fingerprint, ObjectChanged, ObjectMissing, ResultStorage, StorageFault


class Copied(NamedTuple):
    """Verified, so its source may go. `anew`: a copy was made or found now, not by an earlier worker."""

    image: Image
    key: str
    size: int
    anew: bool = True


class NotCopied(NamedTuple):
    """`error` is a sentence, `code` for machines. The source was left as it is."""

    image: Image
    code: str
    error: str


class ImageMissing(ObjectMissing):
    code = "image_missing"


def copy_image(storage: ResultStorage, image: Image) -> Copied | NotCopied:
    """Never raises: what goes wrong with one image is that image's outcome."""
    target = processed_key(image.key, image.due_on)
    if target is None:
        error = f"{image.key} is not uploads/{{user}}/{{name}}, or too long for its new path: it stays where it is."
        return NotCopied(image, "unexpected_key", error)
    try:
        return _copied(storage, image, target)
    except StorageFault as fault:
        return NotCopied(image, fault.code, str(fault))
    except Exception as fault:
        telemetry.fault("image_copy_broke", image=image.image_id, trace_id=image.trace_id)
        return NotCopied(image, "unexpected", f"{type(fault).__name__}: {fault}")


def _copied(storage: ResultStorage, image: Image, target: str) -> Copied:
    if image.copied and (before := tried(lambda: _copied_before(storage, image, target))):
        return before
    try:
        return Copied(image, target, tried(lambda: _copy(storage, image, target)).size)
    except StorageFault as fault:
        # A copy that was cut off may have been made all the same.
        if fault.retryable and (copy := _look(storage, image, target)):
            return Copied(image, target, copy.size)
        raise


def _copy(storage: ResultStorage, image: Image, target: str) -> Fingerprint:
    expected = storage.told(image.size, image.version) if image.size is not None else None
    try:
        storage.copy(image.key, target, image.version)
    except ObjectChanged:
        # Uploaded again under the same name: what lies there now is the image, and what is compared with.
        expected = None
        storage.copy(image.key, target)
    except ObjectMissing:
        return _moved_before(storage, image, target)
    copy = storage.fingerprint(target)
    if not (expected and expected.agrees(copy)) and not _alike(storage, image.key, target, copy):
        raise CopyDiffers(f"{target} is not what {image.key} is: its size or checksum differs.")
    return copy


def _moved_before(storage: ResultStorage, image: Image, target: str) -> Fingerprint:
    """No source: somebody moved it and could not say so any more, or it is lost."""
    try:
        copy = storage.fingerprint(target)
    except ObjectMissing:
        raise ImageMissing(f"{image.key} is not in storage, and no copy of it at {target}.") from None
    if image.size is not None and storage.told(image.size, image.version).agrees(copy) is False:
        raise ImageMissing(f"{image.key} is not in storage, and what lies at {target} is not its copy.")
    return copy


def _copied_before(storage: ResultStorage, image: Image, target: str) -> Copied | None:
    """Verified once, by a worker that could not go on. None when its copy has gone: it is made again, then."""
    try:
        storage.fingerprint(image.key)
    except ObjectMissing:
        return Copied(image, target, image.size or 0, anew=False)  # nothing is left to be deleted
    copy = _look(storage, image, target)
    return Copied(image, target, copy.size, anew=False) if copy else None


def _look(storage: ResultStorage, image: Image, target: str) -> Fingerprint | None:
    """The copy, if there is one and it is the image."""
    try:
        copy = storage.fingerprint(target)
        return copy if _alike(storage, image.key, target, copy) else None
    except StorageFault:
        return None


def _alike(storage: ResultStorage, source: str, target: str, copy: Fingerprint) -> bool:
    agreed = storage.fingerprint(source).agrees(copy)
    return _same_bytes(storage, source, target) if agreed is None else agreed


def _same_bytes(storage: ResultStorage, source: str, target: str) -> bool:
    """Where no checksum is common to both (uploads in parts, with keys of their own), the bytes are compared."""
    ours, theirs = (_bytes(storage, key) for key in (source, target))
    return all(one == other for one, other in zip_longest(ours, theirs))


def _bytes(storage: ResultStorage, key: str) -> Iterator[bytes]:
    """In blocks of one size, whatever sizes storage gives."""
    held = b""
    for block in storage.blocks(key, storage.stat(key).version):
        held += block
        while len(held) >= 2**16:
            yield held[: 2**16]
            held = held[2**16 :]
    yield held

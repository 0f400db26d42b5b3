"""A file from anybody becomes a picture, or a sentence that says why not.

What it is, is decided by its bytes, and only that one decoder is asked. How many pixels it has is read from its header
before anything is decoded. The picture comes upright, in sRGB, no larger than asked for, and with nothing beside its
pixels: no EXIF, no place, no comments.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from PIL import ExifTags, Image

from catalog.images.kinds import ALLOWED, HEAD_BYTES, Kind, kind_claimed, kind_of
from catalog.images.limits import MAX_PIXELS, MAX_PIXELS_OF, MAX_SIDE
from catalog.images.plain import UPRIGHT, plain
from catalog.images.refused import Refused

# Each decoder has its own way of saying that the bytes are not what they should be.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
# Pillow refuses by itself above twice this, before it sets memory aside; from here on it would only warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


class Picture(NamedTuple):
    """`pixels` is RGB or RGBA. Width and height are those of the whole picture, as it stands upright."""

    pixels: Image.Image
    kind: Kind
    width: int
    height: int


def decode(file: IO[bytes], name: str, content_type: str, longest: int) -> Picture:
    """The first frame, no side longer than `longest`; Refused."""
    kind = _checked_kind(file, name, content_type)
    with _told_as_refusals(name, kind):
        _verify(file, kind, name)
        with Image.open(file, formats=[kind.name]) as image:
            _refuse_huge(image, kind, name)
            turn = UPRIGHT.get(_orientation(image))
            width, height = image.size if turn is None or not turn.swaps else image.size[::-1]
            return Picture(plain(image, turn, longest), kind, width, height)


def _checked_kind(file: IO[bytes], name: str, content_type: str) -> Kind:
    file.seek(0)
    kind = kind_of(file.read(HEAD_BYTES))
    if not isinstance(kind, Kind):
        raise Refused(f"{name} is {kind}: save it as {ALLOWED}, and upload that.")
    claimed = kind_claimed(name, content_type)
    if claimed is not None and claimed != kind:
        raise Refused(
            f"{name} is really {kind}, although it says that it is {claimed}: if that is what you meant, let its name"
            f" end in {kind.endings[0]}, and upload it again."
        )
    return kind


@contextmanager
def _told_as_refusals(name: str, kind: Kind) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a decoder only thinks odd is no concern of ours
            yield
    except Image.DecompressionBombError:
        raise Refused(_huge(name, kind)) from None
    except BROKEN as fault:
        raise Refused(
            f"{name} cannot be read as {kind}: it is damaged, or was cut off ({_said(fault)}). Save it once more, and"
            " upload it again."
        ) from fault


def _verify(file: IO[bytes], kind: Kind, name: str) -> None:
    """Checksums and structure, as far as the format has them; an image cannot be used for anything else afterwards."""
    file.seek(0)
    with Image.open(file, formats=[kind.name]) as image:
        _refuse_huge(image, kind, name)
        image.verify()
    file.seek(0)


def _refuse_huge(image: Image.Image, kind: Kind, name: str) -> None:
    width, height = image.size
    if width * height > _most_pixels(kind) or max(width, height) > MAX_SIDE:
        raise Refused(_huge(name, kind, f" ({width:,} × {height:,})"))


def _huge(name: str, kind: Kind, size: str = "") -> str:
    more = ", or as JPEG" if _most_pixels(kind) < MAX_PIXELS else ""
    return (
        f"{name} has too many pixels{size}: {kind} may have {_most_pixels(kind) // 1_000_000} million at most, and"
        f" {MAX_SIDE:,} on a side. Save it smaller{more}, and upload it again."
    )


def _most_pixels(kind: Kind) -> int:
    return min(MAX_PIXELS, MAX_PIXELS_OF.get(kind.name, MAX_PIXELS))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:  # nonsense beside the pixels is left behind anyway
        return 1


def _said(fault: Exception) -> str:
    """The decoder's own words, without the address of the object that it had in hand."""
    return str(fault).partition(" <")[0][:100] or type(fault).__name__

"""What a file is, by its first bytes. Its name and its declared type are only claims, to be held against that."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

HEAD_BYTES = 4096
ALLOWED = "JPEG, PNG, WebP, GIF or AVIF"


class Kind(NamedTuple):
    """`name` is also how the decoder calls it, in capitals."""

    name: str
    content_type: str
    endings: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'an' if self.name == 'AVIF' else 'a'} {self.name}"


JPEG = Kind("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
PNG = Kind("PNG", "image/png", (".png", ".apng"))
WEBP = Kind("WebP", "image/webp", (".webp",))
GIF = Kind("GIF", "image/gif", (".gif",))
AVIF = Kind("AVIF", "image/avif", (".avif", ".avifs"))
KINDS = (JPEG, PNG, WEBP, GIF, AVIF)
TYPES = {kind.content_type: kind for kind in KINDS} | {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/apng": PNG}

# Only to say what it is instead: nothing of these is ever opened.
OTHERS = (
    (b"%PDF", "a PDF document"), (b"II*\0", "a TIFF picture"), (b"MM\0*", "a TIFF picture"), (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop file"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "a gzip archive"),
    (b"\0\0\1\0", "an icon (ICO)"), (b"\xff\x0a", "a JPEG XL picture"), (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"), (b"MZ", "a program"), (b"\x7fELF", "a program"), (b"#!", "a script"),
    (b"%!PS", "a PostScript file"), (b"Rar!", "a RAR archive"), (b"7z\xbc\xaf", "a 7z archive"),
)  # fmt: skip
OTHER_ENDINGS = {
    ".svg": "an SVG drawing", ".heic": "a HEIC photo", ".heif": "a HEIF photo", ".tif": "a TIFF picture",
    ".tiff": "a TIFF picture", ".bmp": "a BMP picture", ".psd": "a Photoshop file", ".pdf": "a PDF document",
    ".html": "an HTML page", ".htm": "an HTML page", ".zip": "a ZIP archive", ".mp4": "a video", ".mov": "a video",
    ".ico": "an icon (ICO)", ".jxl": "a JPEG XL picture", ".jp2": "a JPEG 2000 picture", ".txt": "a text",
    ".exe": "a program", ".js": "a script", ".eps": "a PostScript file", ".dng": "a raw photo", ".cr2": "a raw photo",
}  # fmt: skip
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def kind_of(head: bytes) -> Kind | str:
    """The kind, or what it is instead, in words."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    return next((told for magic, told in OTHERS if head.startswith(magic)), None) or _by_text(head)


def kind_claimed(name: str, content_type: str) -> Kind | None:
    """By the name's ending; where that says nothing, by the declared type; None when nothing is claimed."""
    ending = PurePosixPath(name.lower()).suffix
    by_name = next((kind for kind in KINDS if ending in kind.endings), None)
    return by_name or TYPES.get(content_type.lower())


def other_claimed(name: str) -> str:
    """What else the name says it is, '' when it says none of that."""
    return OTHER_ENDINGS.get(PurePosixPath(name.lower()).suffix, "")


def _by_brand(head: bytes) -> Kind | str:
    """ISO media: one container for photos and videos, told apart by the brands they list."""
    end = min(max(int.from_bytes(head[:4], "big"), 16), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return AVIF
    return "a HEIC photo" if brands & HEIC_BRANDS else "a video"


def _by_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<svg") or (text.startswith(b"<") and b"<svg" in text and b"<html" not in text):
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")) or b"<html" in text:
        return "an HTML page"
    return "an XML document" if text.startswith(b"<?xml") else "no kind of picture that is known here"

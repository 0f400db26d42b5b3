"""The renditions of a picture: each size once as WebP, the medium one also as JPEG for whatever cannot show WebP."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from PIL import Image


class Form(NamedTuple):
    """`longest` side in pixels; a smaller picture is not made larger."""

    name: str
    longest: int
    ending: str
    content_type: str
    options: dict[str, object]

    @property
    def file(self) -> str:
        return f"{self.name}{self.ending}"


def _webp(name: str, longest: int, quality: int) -> Form:
    return Form(name, longest, ".webp", "image/webp", {"format": "WEBP", "quality": quality, "method": 4})


THUMBNAIL, MEDIUM, LARGE = _webp("thumbnail", 160, 80), _webp("medium", 800, 82), _webp("large", 2000, 82)
FALLBACK = Form(
    "medium", 800, ".jpg", "image/jpeg", {"format": "JPEG", "quality": 85, "optimize": True, "progressive": True}
)
FORMS = (LARGE, MEDIUM, FALLBACK, THUMBNAIL)  # from large to small: each is made of the one before


class Encoded(NamedTuple):
    form: Form
    width: int
    height: int
    content: bytes


def encoded(pixels: Image.Image) -> Iterator[Encoded]:
    """`pixels` is RGB or RGBA, and carries nothing beside; the same pixels give the same bytes."""
    for form in FORMS:
        if max(pixels.size) > form.longest:
            pixels = pixels.copy()
            pixels.thumbnail((form.longest, form.longest), Image.Resampling.LANCZOS)
        written = BytesIO()
        _as_can_be_shown(pixels, form).save(written, **form.options)  # type: ignore[arg-type]
        yield Encoded(form, *pixels.size, written.getvalue())


def _as_can_be_shown(pixels: Image.Image, form: Form) -> Image.Image:
    """JPEG knows no transparency: what shows through is white, as paper is."""
    if form.content_type != "image/jpeg" or pixels.mode == "RGB":
        return pixels
    paper = Image.new("RGB", pixels.size, "white")
    paper.paste(pixels, mask=pixels.getchannel("A"))
    return paper

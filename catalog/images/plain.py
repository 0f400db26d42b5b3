"""Pixels and nothing else: reduced, upright, in sRGB, RGB or RGBA."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
# What can be reduced as it is; anything else is first widened to one of these.
REDUCIBLE = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}


class Turn(NamedTuple):
    """What puts a picture upright; `swaps`: width becomes height."""

    method: Image.Transpose
    swaps: bool


# By the number that cameras write (EXIF orientation).
UPRIGHT = {
    2: Turn(Image.Transpose.FLIP_LEFT_RIGHT, False),
    3: Turn(Image.Transpose.ROTATE_180, False),
    4: Turn(Image.Transpose.FLIP_TOP_BOTTOM, False),
    5: Turn(Image.Transpose.TRANSPOSE, True),
    6: Turn(Image.Transpose.ROTATE_270, True),
    7: Turn(Image.Transpose.TRANSVERSE, True),
    8: Turn(Image.Transpose.ROTATE_90, True),
}


def plain(image: Image.Image, turn: Turn | None, longest: int) -> Image.Image:
    """Reduced first, so that what follows costs little."""
    profile = image.info.get("icc_profile")
    image = _reducible(image)
    # Halved in one cheap step as long as half as much again remains: a JPEG's decoder does that by itself.
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=1.5)
    image.load()  # what is cut off shows here, and is not taken for a profile that does not fit
    if turn is not None:
        image = image.transpose(turn.method)
    image = _in_srgb(image, profile)
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.info = {}  # encoders write some of it without being asked
    return image


def _reducible(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey; Pillow's own conversion would cut them off, not scale them
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in REDUCIBLE and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By its colour profile, if it has one that fits; otherwise it is taken to be sRGB already."""
    if not profile:
        return image
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(colours, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    if converted is None:  # only when changed in place, which was not asked for
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted

"""A category's picture: small, looked into before it is stored, and named by its content."""

from __future__ import annotations

import hashlib
import warnings
from io import BytesIO
from typing import IO

from PIL import Image, UnidentifiedImageError

from catalog.products.refused import Refused
from storage import result_storage

PREFIX = "catalog/categories/"
TYPES = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}
CONTENT_TYPES = dict(TYPES.values())
MOST_BYTES = 2 * 2**20
MOST_PIXELS = 4000  # a side


def store_picture(content: IO[bytes], size: int) -> str:
    """Its key in storage. Called outside any transaction; Refused, StorageFault.

    The same picture has the same key, so that a form that is sent twice stores it once.
    """
    if size > MOST_BYTES:
        raise Refused(f"The picture has {size / 2**20:.1f} MB, and 2 MB are taken at most: make it smaller.")
    data = content.read(MOST_BYTES + 1)
    ending = TYPES[_format(data)][0]
    key = f"{PREFIX}{hashlib.sha256(data).hexdigest()[:32]}.{ending}"
    result_storage().put(key, BytesIO(data))
    return key


def link_to(key: str, seconds: int) -> str:
    return result_storage().link(key, CONTENT_TYPES.get(key.rpartition(".")[2], "image/jpeg"), seconds)


def _format(data: bytes) -> str:
    """By its bytes, whatever its name says; decoded whole, so that half a picture is noticed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=list(TYPES)) as picture:
                if max(picture.size) > MOST_PIXELS:
                    width, height = picture.size
                    raise Refused(f"The picture is {width} × {height}, and {MOST_PIXELS} a side are taken at most.")
                picture.load()
                return str(picture.format)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("This is no JPEG, PNG or WebP picture, or it is damaged: save it again as one.") from None

"""Pictures for tests: good ones, odd ones, and files that only look like pictures."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from django.contrib.auth.models import User
from PIL import Image, ImageCms

from catalog.images.begin_upload import begin_upload
from catalog.images.finish_upload import finish_upload
from catalog.models import Product, ProductImage
from storage import result_storage

SECRETS = (b"Exif", b"Nightshelf Camera", b"a secret comment", b"xmpmeta", b"GPS", b"<script")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>35.6586 N</place></x:xmpmeta>'
RED, BLUE = (250, 10, 10), (10, 10, 250)


def two_colours(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def photo(width: int = 40, height: int = 20, orientation: int = 1) -> bytes:
    """A JPEG as a telephone makes it: turned by a note, with its place, its camera and words."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Nightshelf Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 39.0, 30.9), 3: "E", 4: (139.0, 44.0, 43.0)})
    return written(two_colours(width, height), exif=exif, comment=b"a secret comment <script>", xmp=XMP, quality=95)


def png(width: int = 40, height: int = 20) -> bytes:
    return written(two_colours(width, height), "PNG")


def png_chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png_that_says(width: int, height: int) -> bytes:
    """A header, and hardly any pixels behind it."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")


def jpeg_that_says(width: int, height: int) -> bytes:
    content = written(two_colours())
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def webp_that_says(width: int, height: int) -> bytes:
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_that_says(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0" + frame + b"\x3b"


def swapped_profile() -> bytes:
    """An RGB profile whose red is sRGB's blue, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table_end = 132 + 12 * int.from_bytes(profile[128:132], "big")
    table = profile[132:table_end].replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    return profile[:132] + table + profile[table_end:]


# --- In the database and in storage ---


def somebody() -> User:
    return User.objects.filter(username="owner").first() or User.objects.create_superuser("owner")


def begun(
    product: Product, name: str = "beach.jpg", content: bytes = b"", content_type: str = "image/jpeg"
) -> ProductImage:
    """Announced, nothing there yet."""
    size = len(content or photo())
    return begin_upload(product.pk, name=name, size=size, content_type=content_type, actor=somebody()).image


def uploaded(product: Product, name: str = "beach.jpg", content: bytes = b"", content_type: str = "") -> ProductImage:
    """In storage, not prepared yet."""
    content = content or photo()
    image = begun(product, name, content, content_type)
    result_storage().put(image.key, BytesIO(content))
    return finish_upload(image, actor=somebody())


def keys() -> set[str]:
    return {item.key for item in result_storage().listing("products/")}


def content_of(key: str) -> bytes:
    return b"".join(result_storage().blocks(key, result_storage().stat(key).version))


def pixels_of(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def close_to(found: Any, wanted: Any, tolerance: int = 12) -> bool:
    """Of two colours: no channel differs by more."""
    return all(abs(one - other) <= tolerance for one, other in zip(found, wanted, strict=True))

"""Renditions: four files of three sizes, with nothing in them but the picture."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from catalog.images.decode import decode
from catalog.images.encode import encoded
from tests.pictures import SECRETS, close_to, photo, pixels_of, swapped_profile, two_colours, written


def made(content: bytes) -> dict[tuple[str, str], bytes]:
    picture = decode(BytesIO(content), "picture", "", 2000)
    return {(one.form.name, one.form.content_type): one.content for one in encoded(picture.pixels)}


def test_sizes_and_kinds() -> None:
    sizes = {
        name: (pixels_of(content).format, pixels_of(content).size) for name, content in made(photo(3000, 1500)).items()
    }

    assert sizes == {
        ("large", "image/webp"): ("WEBP", (2000, 1000)),
        ("medium", "image/webp"): ("WEBP", (800, 400)),
        ("medium", "image/jpeg"): ("JPEG", (800, 400)),
        ("thumbnail", "image/webp"): ("WEBP", (160, 80)),
    }


def test_a_small_picture_is_not_made_larger() -> None:
    assert {pixels_of(content).size for content in made(photo(100, 50)).values()} == {(100, 50)}


def test_a_thread_of_pixels_keeps_a_side() -> None:
    assert pixels_of(made(written(Image.new("RGB", (4000, 3))))["thumbnail", "image/webp"]).size == (160, 1)


def test_place_camera_comments_and_profiles_are_in_none_of_them() -> None:
    content = photo(orientation=6)
    assert all(secret in content for secret in (b"Exif", b"Nightshelf Camera", b"a secret comment", b"xmpmeta"))

    for rendition in made(content).values():
        assert not [secret for secret in SECRETS if secret in rendition]
        image = pixels_of(rendition)
        assert not image.getexif()
        assert image.info.keys().isdisjoint({"exif", "xmp", "comment", "icc_profile", "photoshop"})


def test_a_profile_is_in_none_of_them() -> None:
    for rendition in made(written(two_colours(), "PNG", icc_profile=swapped_profile())).values():
        assert "icc_profile" not in pixels_of(rendition).info


def test_what_follows_a_picture_is_left_behind() -> None:
    for rendition in made(photo() + b"<html><script>alert(1)</script>").values():
        assert b"<script" not in rendition


def test_transparency_stays_where_it_can_and_is_paper_elsewhere() -> None:
    renditions = made(written(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))

    assert pixels_of(renditions["medium", "image/webp"]).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert close_to(pixels_of(renditions["medium", "image/jpeg"]).getpixel((5, 5)), (255, 255, 255), 2)


def test_done_again_it_is_the_same_bytes() -> None:
    """A worker that takes over from a killed one writes over its files without changing them."""
    assert made(photo(900, 500)) == made(photo(900, 500))

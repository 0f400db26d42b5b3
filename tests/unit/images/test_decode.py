"""A file from anybody: a clean picture, or a sentence. The nasty ones are made here."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageOps

from catalog.images.decode import Picture, decode
from catalog.images.limits import MAX_PIXELS_OF
from catalog.images.refused import Refused
from tests.pictures import (
    BLUE,
    RED,
    close_to,
    gif_that_says,
    jpeg_that_says,
    photo,
    pixels_of,
    png,
    png_chunk,
    png_that_says,
    swapped_profile,
    two_colours,
    webp_that_says,
    written,
)

ALL_KINDS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


def read(content: bytes, name: str = "picture", content_type: str = "", longest: int = 2000) -> Picture:
    return decode(BytesIO(content), name, content_type, longest)


def refusal(content: bytes, name: str = "picture", content_type: str = "") -> str:
    with pytest.raises(Refused) as refused:
        read(content, name, content_type)
    return str(refused.value)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_allowed_kind_is_read_whatever_it_is_called(kind: str) -> None:
    picture = read(written(two_colours(), kind))

    assert picture.kind.name.upper() == kind
    assert (picture.width, picture.height, picture.pixels.mode) == (40, 20, "RGB")
    assert close_to(picture.pixels.getpixel((5, 10)), RED, 40)
    assert close_to(picture.pixels.getpixel((35, 10)), BLUE, 40)


# --- Mislabelled, and no pictures at all ---


def test_a_png_that_calls_itself_a_jpeg_is_told_what_it_is() -> None:
    told = refusal(png(), "beach.JPG", "image/jpeg")

    assert told.startswith("beach.JPG is really a PNG, although it says that it is a JPEG")
    assert "let its name end in .png" in told


def test_without_an_ending_the_declared_type_is_the_claim() -> None:
    assert "is really a PNG, although it says that it is an AVIF" in refusal(png(), "beach", "image/avif")
    assert read(png(), "beach", "application/octet-stream").kind.name == "PNG"
    assert read(png(), "beach.png", "image/jpeg").kind.name == "PNG", "browsers go by the ending too"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "is an SVG drawing"),
        (b"\n  <svg onload='alert(1)'/>", "is an SVG drawing"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "is an HTML page"),
        (b"%PDF-1.7 ...", "is a PDF document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC photo"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "is a video"),
        (b"II*\0 ...", "is a TIFF picture"),
        (b"%!PS-Adobe-3.0 EPSF", "is a PostScript file"),
        (b"", "is no kind of picture"),
        (b"just words", "is no kind of picture"),
    ],
)
def test_what_is_no_picture_is_told_what_it_is(content: bytes, told: str) -> None:
    said = refusal(content, "beach.png", "image/png")

    assert told in said
    assert "save it as JPEG, PNG, WebP, GIF or AVIF" in said


def test_a_page_behind_a_pictures_first_bytes_is_no_picture() -> None:
    refusal(b"GIF89a=1;/*<html><script>alert(1)</script>*/", "beach.gif")
    refusal(b"\xff\xd8\xff<html><script>alert(1)</script></html>", "beach.jpg")
    refusal(b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>", "beach.png")


# --- Bombs ---


@pytest.mark.parametrize(
    "content",
    [
        png_that_says(40_000, 40_000), png_that_says(8_000, 7_000), png_that_says(40_000, 10),
        jpeg_that_says(65_000, 65_000), jpeg_that_says(8_000, 7_000), webp_that_says(16_383, 16_383),
        webp_that_says(8_000, 7_000), gif_that_says(65_535, 65_535),
    ],
    ids=["png huge", "png large", "png long", "jpeg huge", "jpeg large", "webp huge", "webp large", "gif huge"],
)  # fmt: skip
def test_too_many_pixels_are_told_by_the_header(content: bytes) -> None:
    """None of these has the pixels it speaks of: had one been decoded, it would be called damaged."""
    assert "has too many pixels" in refusal(content, "beach")


def test_as_many_as_are_allowed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "damaged" in refusal(png_that_says(7_000, 7_000), "beach.png"), "not too large: only not there"
    monkeypatch.setattr("catalog.images.decode.MAX_PIXELS", 800)
    assert read(png(40, 20)).width == 40
    assert "too many pixels (41 × 20)" in refusal(png(41, 20))


def test_a_webp_may_have_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAX_PIXELS_OF, "WebP", 800)
    assert read(written(two_colours(40, 20), "WEBP")).width == 40
    said = refusal(written(two_colours(41, 20), "WEBP"), "beach.webp")
    assert "too many pixels (41 × 20)" in said
    assert "or as JPEG" in said
    assert read(png(41, 20)).width == 41


def test_text_that_unpacks_to_much_is_not_unpacked() -> None:
    bomb = png_chunk(b"zTXt", b"words\0\0" + zlib.compress(b"a" * 80_000_000))
    content = png()

    assert "damaged" in refusal(content[:33] + bomb + content[33:], "beach.png")


# --- Damaged ---


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_what_was_cut_off_is_refused(kind: str, share: float) -> None:
    content = written(Image.effect_noise((200, 200), 90).convert("RGB"), kind)

    told = refusal(content[: int(share * len(content))], f"beach.{kind.lower()}")

    assert "it is damaged, or was cut off" in told
    assert "0x" not in told, "addresses of objects are nobody's business"


def test_a_cut_off_photo_with_a_profile_is_cut_off_all_the_same() -> None:
    content = written(Image.effect_noise((200, 200), 90).convert("RGB"), icc_profile=swapped_profile())
    assert "was cut off" in refusal(content[: len(content) // 2], "beach.jpg")


def test_the_last_bytes_of_a_png_count_too() -> None:
    assert "damaged" in refusal(written(two_colours(), "PNG")[:-14], "beach.png")


def test_broken_notes_beside_good_pixels_do_not_matter() -> None:
    assert read(written(two_colours(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).width == 40
    assert read(written(two_colours(), "PNG", icc_profile=b"no profile")).width == 40


# --- Upright, plain, sRGB ---


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_upright(orientation: int) -> None:
    content = photo(orientation=orientation)
    upright = ImageOps.exif_transpose(pixels_of(content))

    picture = read(content)

    assert (picture.width, picture.height) == picture.pixels.size == upright.size
    for x, y in ((3, 3), (upright.width - 4, upright.height - 4)):
        assert close_to(picture.pixels.getpixel((x, y)), upright.getpixel((x, y)))


def test_a_photo_held_upright_has_its_left_on_top() -> None:
    picture = read(photo(orientation=6))

    assert picture.pixels.size == (20, 40)
    assert close_to(picture.pixels.getpixel((10, 5)), RED)
    assert close_to(picture.pixels.getpixel((10, 35)), BLUE)


def test_nothing_is_left_beside_the_pixels() -> None:
    picture = read(photo())

    assert picture.pixels.info == {}
    assert not picture.pixels.getexif()


def test_a_large_one_is_reduced_and_its_own_size_told() -> None:
    picture = read(written(Image.new("RGB", (3000, 1500), RED)), longest=200)

    assert picture.pixels.size == (200, 100)
    assert (picture.width, picture.height) == (3000, 1500)


def test_a_colour_profile_is_applied() -> None:
    plain = read(written(two_colours(), "PNG")).pixels
    swapped = read(written(two_colours(), "PNG", icc_profile=swapped_profile())).pixels

    assert close_to(swapped.getpixel((5, 5)), plain.getpixel((35, 5)), 30), "its red is our blue"
    assert close_to(swapped.getpixel((35, 5)), plain.getpixel((5, 5)), 30)


def test_a_profile_leaves_transparency_as_it_is() -> None:
    image = two_colours(mode="RGBA")
    image.putalpha(100)

    picture = read(written(image, "PNG", icc_profile=swapped_profile()))

    assert picture.pixels.mode == "RGBA"
    assert close_to(picture.pixels.getpixel((5, 5)), (*BLUE, 100), 30)


def test_printers_colours_become_the_screens() -> None:
    picture = read(written(Image.new("CMYK", (20, 20), (0, 255, 255, 0))))

    assert picture.pixels.mode == "RGB"
    assert close_to(picture.pixels.getpixel((5, 5)), (255, 0, 0), 20)


def test_a_printers_picture_with_a_screens_profile_is_read_all_the_same() -> None:
    content = written(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), icc_profile=swapped_profile())

    assert close_to(read(content).pixels.getpixel((5, 5)), (255, 0, 0), 20)


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    image = Image.new("I;16", (20, 20), 32768)

    assert close_to(read(written(image, "PNG")).pixels.getpixel((5, 5)), (128, 128, 128), 2)


def test_a_palette_with_a_hole_in_it_stays_transparent() -> None:
    image = two_colours().quantize(4)
    hole = image.getpixel((5, 5))

    picture = read(written(image, "PNG", transparency=hole))

    assert picture.pixels.mode == "RGBA"
    assert picture.pixels.getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert picture.pixels.getpixel((35, 5))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize(("mode", "kind"), [("1", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "GIF"), ("RGBA", "WEBP")])
def test_other_ways_to_keep_pixels(mode: str, kind: str) -> None:
    assert read(written(two_colours(mode=mode), kind)).pixels.mode in ("RGB", "RGBA")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE, BLUE)]

    picture = read(written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))

    assert close_to(picture.pixels.getpixel((5, 5)), RED, 40)

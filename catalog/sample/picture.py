"""A still life for a made-up product: a thing on a table, in colours of its own."""

from __future__ import annotations

from colorsys import hls_to_rgb
from io import BytesIO

from PIL import Image, ImageDraw

WIDE = 900


def picture_jpeg(number: int) -> bytes:
    """A JPEG of 900 × 900, the same for the same number."""
    picture = Image.new("RGB", (WIDE, WIDE), _colour(number * 47, 0.93, 0.25))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 620, WIDE, WIDE), fill=_colour(number * 47 + 20, 0.84, 0.3))
    draw.ellipse((220, 640, 700, 720), fill=_colour(number * 47 + 20, 0.72, 0.25))
    dark, light = _colour(number * 83, 0.42, 0.45), _colour(number * 83, 0.62, 0.5)
    SHAPES[number % len(SHAPES)](draw, dark, light)
    content = BytesIO()
    picture.save(content, "JPEG", quality=85)
    return content.getvalue()


def _cup(draw: ImageDraw.ImageDraw, dark: str, light: str) -> None:
    draw.rounded_rectangle((280, 300, 620, 690), 70, fill=dark)
    draw.ellipse((280, 250, 620, 360), fill=light)


def _bottle(draw: ImageDraw.ImageDraw, dark: str, light: str) -> None:
    draw.rounded_rectangle((400, 140, 500, 360), 20, fill=light)
    draw.rounded_rectangle((310, 320, 590, 690), 90, fill=dark)
    draw.rectangle((310, 450, 590, 570), fill=light)


def _parcel(draw: ImageDraw.ImageDraw, dark: str, light: str) -> None:
    draw.polygon(((220, 380), (450, 300), (690, 380), (690, 650), (450, 710), (220, 650)), fill=dark)
    draw.polygon(((220, 380), (450, 300), (690, 380), (450, 450)), fill=light)
    draw.line((450, 450, 450, 710), fill=light, width=14)


def _plate(draw: ImageDraw.ImageDraw, dark: str, light: str) -> None:
    draw.ellipse((150, 460, 750, 700), fill=dark)
    draw.ellipse((240, 500, 660, 650), fill=light)


SHAPES = (_cup, _bottle, _parcel, _plate)


def _colour(hue: int, lightness: float, saturation: float) -> str:
    red, green, blue = hls_to_rgb(hue % 360 / 360, lightness, saturation)
    return f"#{int(red * 255):02x}{int(green * 255):02x}{int(blue * 255):02x}"

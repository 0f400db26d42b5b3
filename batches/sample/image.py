"""A small picture of a receipt: paper, and bars where the print would be. PNG by hand: a few hundred bytes."""

from __future__ import annotations

import struct
import zlib
from random import Random

WIDTH, HEIGHT = 48, 72
PAPER, INK = 248, 60


def receipt_png(random: Random) -> bytes:
    rows = bytearray()
    for y in range(HEIGHT):
        if y % 6 == 0:
            left, right = random.randint(4, 10), random.randint(20, 44)
        printed = 6 < y < HEIGHT - 6 and y % 6 < 2
        line = bytes(INK if printed and left <= x < right else PAPER for x in range(WIDTH))
        rows += b"\0" + line
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _part(b"IHDR", header)
        + _part(b"IDAT", zlib.compress(bytes(rows), 1))
        + _part(b"IEND", b"")
    )


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

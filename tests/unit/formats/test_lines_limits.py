"""A line that is too long is told and skipped, never held."""

import tracemalloc
from collections.abc import Iterator

import pytest

from batches.formats.lines import Line, LineReader


def read(data: bytes, block: int, limit: int) -> tuple[list[Line], int]:
    pieces = (data[begin : begin + block] for begin in range(0, len(data), block))
    reader = LineReader(pieces, start=0, end=len(data), max_line_bytes=limit)
    return list(reader), reader.physical


@pytest.mark.parametrize("block", [1, 3, 8, 1_000])
@pytest.mark.parametrize("terminator", [b"\n", b"\r\n"])
def test_the_limit_counts_the_line_without_its_terminator(block: int, terminator: bytes) -> None:
    data = terminator.join([b"x" * 10, b"y" * 11, b"z" * 300, b"end", b"w" * 11])
    lines, physical = read(data, block, 10)
    assert [(line.number, line.length, line.data, line.head) for line in lines] == [
        (1, 10, b"x" * 10, b""),
        (2, 11, None, b"y" * 11),
        (3, 300, None, b"z" * 200),
        (4, 3, b"end", b""),
        (5, 11, None, b"w" * 11),
    ]
    assert physical == 5
    assert all(data[line.offset :].startswith(line.data or line.head) for line in lines)


@pytest.mark.parametrize("block", [1, 301, 302, 10_000])
def test_a_line_that_just_fits_is_whole_although_its_cr_does_not(block: int) -> None:
    data = (b"x" * 300 + b"\r\n") * 3 + b"x" * 301
    lines, _ = read(data, block, 300)
    assert [line.data for line in lines] == [b"x" * 300] * 3 + [None]


def test_memory_stays_flat_whatever_the_length() -> None:
    def endless() -> Iterator[bytes]:
        yield b"short\n"
        for _ in range(2_000):
            yield b"x" * 100_000
        yield b"\nlast\n"

    tracemalloc.start()
    try:
        lines = list(LineReader(endless(), start=0, end=None, max_line_bytes=1_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [line.length for line in lines] == [5, 200_000_000, 4]
    assert [line.data for line in lines] == [b"short", None, b"last"]
    assert peak < 5_000_000

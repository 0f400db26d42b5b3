"""However a file is cut into ranges and blocks, its lines come out once each, and numbers add up."""

import random
from collections.abc import Iterator

import pytest

from batches.formats.lines import BOM, Line, LineReader

FILES = {
    "plain": b'{"a": 1}\n{"b": 22}\n{"c": 333}\n',
    "no final line feed": b"first\nsecond\nthird",
    "CRLF": b"first\r\nsecond\r\n\r\nthird\r\n",
    "CR inside": b"a\rb\r\r\nc\r",
    "blank lines": b"\n\n a \n   \n\t\r\nb\n\n",
    "many bytes a character": "売上\n😀😀\r\n仕入れ\n\u2028\x0b\x0c".encode() + b"\xc2\x85\n\xff\xfe\nend",
    "BOM": BOM + b"first\nsecond\n",
    "BOM, CRLF": BOM + b"\r\nsecond\r\n",
    "BOM only": BOM,
    "part of a BOM": BOM[:2],
    "BOM in the middle": b"first\n" + BOM + b"second",
    "empty": b"",
    "line feeds": b"\n" * 7,
    "one line": b"x",
    "long and short": b"a" * 50 + b"\n\nb\n" + b"c" * 30 + b"\r\n" + b"d" * 20,
}


def blocks(data: bytes, start: int, size: int) -> Iterator[bytes]:
    for begin in range(max(0, start - 1), len(data), size):
        yield data[begin : begin + size]


def expected(data: bytes) -> list[tuple[int, int, bytes]]:
    """(offset, number in the file, data), found in the most obvious way."""
    lines, offset = [], 0
    for number, piece in enumerate(data.split(b"\n"), 1):
        skipped = len(BOM) if number == 1 and piece.startswith(BOM) else 0
        content = piece[skipped:].removesuffix(b"\r")
        if content.strip():
            lines.append((offset + skipped, number, content))
        offset += len(piece) + 1
    return lines


def read(data: bytes, cuts: list[int], block: int) -> list[tuple[int, int, bytes]]:
    """All lines, read range by range, numbered by adding up the lines of the ranges before."""
    lines, before = [], 0
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        reader = LineReader(blocks(data, start, block), start=start, end=end, max_line_bytes=1_000)
        for line in reader:
            assert line.data is not None
            assert line.length == len(line.data)
            assert data[line.offset : line.offset + line.length] == line.data
            lines.append((line.offset, before + line.number, line.data))
        before += reader.physical
    return lines


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("block", [1, 2, 3, 7, 1_000])
def test_ranges_of_one_size(name: str, block: int) -> None:
    data = FILES[name]
    for size in range(1, len(data) + 2):
        assert read(data, list(range(size, len(data), size)), block) == expected(data)


@pytest.mark.parametrize("name", FILES)
def test_to_the_end_of_the_stream(name: str) -> None:
    data = FILES[name]
    reader = LineReader(blocks(data, 0, 4), start=0, end=None, max_line_bytes=1_000)
    assert [(line.offset, line.number, line.data) for line in reader] == expected(data)


def test_random_files_in_random_ranges() -> None:
    chance = random.Random(20260203)
    alphabet = [b"\n", b"\r\n", b"\r", b" ", b"a", "売".encode(), "😀".encode(), b"{}", b"x" * 40, BOM]
    for _ in range(3_000):
        data = b"".join(chance.choices(alphabet, k=chance.randint(0, 40)))
        cuts = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(0, 8)))
        assert read(data, cuts, chance.randint(1, 60)) == expected(data)


def test_a_line_that_begins_exactly_where_the_range_does() -> None:
    reader = LineReader(blocks(b"ab\ncd\nef\n", 3, 100), start=3, end=6, max_line_bytes=100)
    assert list(reader) == [Line(3, 1, 2, b"cd")]
    assert reader.physical == 1


def test_a_range_inside_a_line_has_no_lines() -> None:
    reader = LineReader(blocks(b"abcdef\ng", 2, 100), start=2, end=6, max_line_bytes=100)
    assert list(reader) == []
    assert reader.physical == 0


def test_nothing_is_read_once_the_last_line_is_complete() -> None:
    def watched() -> Iterator[bytes]:
        yield b"aaaa\nbb"
        yield b"bb\ncccc\n"
        raise AssertionError("read too far")

    reader = LineReader(watched(), start=0, end=6, max_line_bytes=100)
    assert [line.data for line in reader] == [b"aaaa", b"bbbb"]


def test_nothing_is_read_for_a_range_that_a_line_covers() -> None:
    def watched() -> Iterator[bytes]:
        yield b"aaaa"
        raise AssertionError("read too far")

    assert list(LineReader(watched(), start=10, end=13, max_line_bytes=100)) == []


def test_blocks_larger_than_the_readers_own() -> None:
    data = b"".join(b"%d\n" % number for number in range(200_000))
    assert len(data) > 1_000_000
    lines = [line.data for line in LineReader([data], start=0, end=None, max_line_bytes=100)]
    assert lines == data.splitlines()

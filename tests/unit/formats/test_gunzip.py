"""Compressed files come out whole, or with a reason; never as more than a block at a time."""

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from batches.formats.gunzip import MAX_OUTPUT_BLOCK, CorruptGzip, TruncatedGzip, gunzip
from batches.formats.lines import Line, LineReader

DATA = b"".join(b'{"recordId": "image-%d"}\n' % number for number in range(20_000))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[begin : begin + size] for begin in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 1_000, 10_000_000])
def test_round_trip(size: int) -> None:
    assert b"".join(gunzip(pieces(gzip.compress(DATA), size))) == DATA


@pytest.mark.parametrize("size", [1, 10, 10_000_000])
def test_several_members_are_one_file(size: int) -> None:
    members = gzip.compress(b"first\n") + gzip.compress(b"") + gzip.compress(b"second\n") + b"\0" * 20
    assert b"".join(gunzip(pieces(members, size))) == b"first\nsecond\n"


def test_an_upload_that_broke_off_gives_what_there_is_and_then_says_so() -> None:
    whole = gzip.compress(random.Random(1).randbytes(100_000))
    for length in (len(whole) - 1, len(whole) - 9, len(whole) // 2):
        read: list[bytes] = []
        with pytest.raises(TruncatedGzip, match="upload it again"):
            read.extend(gunzip(pieces(whole[:length], 1_000)))
        out = b"".join(read)
        assert len(out) > length - 2_000
        assert out == random.Random(1).randbytes(100_000)[: len(out)]


def test_nothing_that_can_be_unpacked_is_held_back_at_a_break() -> None:
    whole = gzip.compress(b"\0" * 1_200_000)
    for length in range(1_000, len(whole) - 8):
        read: list[bytes] = []
        with pytest.raises(TruncatedGzip):
            read.extend(gunzip([whole[:length]]))
        expected = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(whole[:length])
        assert sum(map(len, read)) == len(expected)


@pytest.mark.parametrize(
    "data",
    [b"", gzip.compress(b"x")[:5], gzip.compress(b"x") + gzip.compress(b"y")[:12]],
    ids=["nothing", "part of a header", "header of a second member"],  # the data have the time in them
)
def test_hardly_begun(data: bytes) -> None:
    with pytest.raises(TruncatedGzip):
        list(gunzip([data]))


def test_complete_lines_before_the_break_are_read() -> None:
    whole = gzip.compress(DATA)
    reader = LineReader(gunzip([whole[: len(whole) // 2]]), start=0, end=None, max_line_bytes=1_000)
    read: list[Line] = []
    with pytest.raises(TruncatedGzip):
        read.extend(reader)
    lines = [line.data for line in read]
    assert lines == DATA.splitlines()[: len(lines)]
    assert len(lines) > 5_000
    assert reader.physical == len(lines)


def damaged() -> dict[str, bytes]:
    whole = gzip.compress(DATA)
    flipped = bytearray(whole)
    flipped[-6] ^= 0xFF  # in the checksum
    return {
        "not gzip": DATA,
        "zlib, not gzip": zlib.compress(DATA),
        "wrong checksum": bytes(flipped),
        "overwritten": whole[:1_000] + b"\xff" * 1_000 + whole[2_000:],
        "something behind": whole + b"and more",
    }


@pytest.mark.parametrize("name", damaged())
def test_damage_is_told(name: str) -> None:
    with pytest.raises(CorruptGzip, match="damaged"):
        list(gunzip(pieces(damaged()[name], 1_000)))


def test_a_bomb_is_unpacked_block_by_block() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 300_000_000))
    inner = b"".join(gunzip([bomb]))
    tracemalloc.start()
    try:
        sizes = [len(block) for block in gunzip([inner])]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 300_000_000
    assert max(sizes) <= MAX_OUTPUT_BLOCK
    assert peak < 10_000_000


@pytest.mark.parametrize("size", [MAX_OUTPUT_BLOCK - 1, MAX_OUTPUT_BLOCK, MAX_OUTPUT_BLOCK + 1, 3 * MAX_OUTPUT_BLOCK])
def test_nothing_is_held_back_at_the_edge_of_a_block(size: int) -> None:
    assert sum(len(block) for block in gunzip([gzip.compress(b"a" * size)])) == size

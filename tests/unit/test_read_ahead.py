"""Blocks are fetched early, in order, and the fetching ends with the reading."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.port import StorageAway
from storage.read_ahead import BLOCKS_AHEAD, read_ahead


def numbered(count: int, asked: list[int]) -> Iterator[bytes]:
    for number in range(count):
        asked.append(number)
        yield b"%d" % number


def test_all_blocks_come_in_order() -> None:
    assert list(read_ahead(numbered(50, []))) == [b"%d" % number for number in range(50)]


def test_the_next_block_is_fetched_while_the_last_is_worked_on() -> None:
    second = threading.Event()

    def blocks() -> Iterator[bytes]:
        yield b"first"
        second.set()
        yield b"second"

    with closing(read_ahead(blocks())) as ahead:
        assert next(ahead) == b"first"
        assert second.wait(10)


def test_a_reader_that_stops_ends_the_fetching() -> None:
    asked: list[int] = []
    with closing(read_ahead(numbered(10_000, asked))) as ahead:
        next(ahead)

    assert not [thread for thread in threading.enumerate() if thread.name == "blocks"]
    assert len(asked) <= BLOCKS_AHEAD + 3


def test_a_fault_comes_after_the_blocks_before_it() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"first"
        raise StorageAway("The storage is away.")

    ahead = read_ahead(blocks())
    assert next(ahead) == b"first"
    with pytest.raises(StorageAway, match="away"):
        next(ahead)

"""Bytes → lines: the lines that begin in a range of a file, in flat memory (requirements Y2).

A file is split into ranges without being read, so a range usually starts and ends in the middle of a line. The
rule that gives every line to exactly one range: it belongs to the one it begins in, and is finished beyond its end.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

import msgspec

BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 200
# A block's lines are in memory together, and hostile ones are one byte long: slicing keeps that small.
_MAX_BLOCK = 1 << 18


class Line(msgspec.Struct, gc=False):
    """`offset`, `length`: where `data` is in the file, without terminator and BOM. `number`: in the range, from 1.

    `data` is None when the line is longer than allowed; then `head` has its first 200 bytes.
    """

    offset: int
    number: int
    length: int
    data: bytes | None
    head: bytes = b""


class LineReader:
    """Iterate once over the lines that begin in [start, end); `end` None: to the end of the stream.

    `blocks` are the file's consecutive bytes from `start - 1` on (from 0 when start is 0): the byte before the
    range tells whether a line begins exactly at `start`. No block is taken once the last line is complete.

    `physical`, once all are taken, is the number of the range's lines including the blank ones, which are not
    yielded; added up over the ranges before, it turns a line's number into its number in the file.
    """

    def __init__(self, blocks: Iterable[bytes], *, start: int, end: int | None, max_line_bytes: int) -> None:
        self.physical = 0
        self._blocks = blocks
        self._start = start
        self._end = end
        self._limit = max_line_bytes
        self._offset = start  # where the line being put together begins
        self._parts: list[bytes] = []  # what is known of it, unless it has grown too long
        self._size = 0
        self._last = b""  # its last byte, to see a CR although the bytes are gone

    def __iter__(self) -> Iterator[Line]:
        # chain hands out a block's lines in C; resuming a generator for every line is noticeably slower.
        return chain.from_iterable(self._per_block())

    def _per_block(self) -> Iterator[list[Line]]:
        for block in self._clipped():
            # Splitting whole blocks in C is what makes this fast; only a block's ends need care.
            pieces = block.split(b"\n")
            rest = pieces.pop()
            if pieces:
                self._keep(pieces[0])
                yield self._finish()
                yield self._whole(pieces, b"\r" in block)
            self._keep(rest)
        if self._size:
            yield self._finish()

    def _whole(self, pieces: list[bytes], may_have_cr: bool) -> list[Line]:
        """The lines that are complete in the block: all but the first. The hot loop, hence no calls in it."""
        lines: list[Line] = []
        limit, offset, number = self._limit, self._offset, self.physical
        for data in islice(pieces, 1, None):
            number += 1
            size = len(data)
            if may_have_cr and data.endswith(b"\r"):
                data = data[:-1]  # noqa: PLW2901
            if size > limit and len(data) > limit:
                lines.append(Line(offset, number, len(data), None, data[:HEAD_BYTES]))
            # One comparison for "begins with something visible", which settles nearly every line.
            elif data > b" \xff" or (data and not data.isspace()):
                lines.append(Line(offset, number, len(data), data))
            offset += size + 1
        self._offset, self.physical = offset, number
        return lines

    def _keep(self, piece: bytes) -> None:
        """Add to the line being put together; once it is too long only its head is held."""
        if not piece:
            return
        self._size += len(piece)
        self._last = piece[-1:]
        self._parts.append(piece)
        if self._size > self._limit + 1:  # + 1: the CR of a line that just fits
            self._parts = [b"".join(part[:HEAD_BYTES] for part in self._parts[:HEAD_BYTES])[:HEAD_BYTES]]

    def _finish(self) -> list[Line]:
        """End the line being put together; nothing when it is blank."""
        self.physical += 1
        offset, length = self._offset, self._size - (self._last == b"\r")
        data = b"".join(self._parts)
        self._offset += self._size + 1
        self._parts, self._size, self._last = [], 0, b""
        if length > self._limit:
            return [Line(offset, self.physical, length, None, data[: min(length, HEAD_BYTES)])]
        data = data[:length]
        return [Line(offset, self.physical, length, data)] if data and not data.isspace() else []

    def _clipped(self) -> Iterator[bytes]:
        """Exactly the bytes of the range's lines: the first line feed at or behind `end - 1` ends the last."""
        end = self._end
        if end is None:
            yield from self._from_first_line()
            return
        if self._start >= end:
            return
        position = -1
        for block in self._from_first_line():
            position = self._offset if position < 0 else position
            if position + len(block) >= end and (cut := block.find(b"\n", max(0, end - 1 - position))) >= 0:
                yield block[: cut + 1]
                return
            position += len(block)
            yield block

    def _from_first_line(self) -> Iterator[bytes]:
        blocks = _bounded(self._blocks)
        if self._start == 0:
            yield self._without_bom(blocks)
            yield from blocks
            return
        position = self._start - 1
        for block in blocks:
            if (at := block.find(b"\n")) >= 0:
                self._offset = position + at + 1
                if self._end is None or self._offset < self._end:
                    yield block[at + 1 :]
                    yield from blocks
                return
            position += len(block)
            if self._end is not None and position + 1 >= self._end:
                return  # the whole range lies inside a line of an earlier one

    def _without_bom(self, blocks: Iterator[bytes]) -> bytes:
        first = b""
        for block in blocks:
            first += block
            if len(first) >= len(BOM) or not BOM.startswith(first):
                break
        if first.startswith(BOM):
            self._offset = len(BOM)
        return first.removeprefix(BOM)


def _bounded(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        if len(block) <= _MAX_BLOCK:
            yield block
        else:
            for begin in range(0, len(block), _MAX_BLOCK):
                yield block[begin : begin + _MAX_BLOCK]

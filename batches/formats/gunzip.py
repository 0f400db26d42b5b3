"""Compressed result files → their bytes, block by block: a file that unpacks to terabytes stays small here."""

import zlib
from collections.abc import Iterable, Iterator

MAX_OUTPUT_BLOCK = 1 << 20
# zlib copies the input it has not used yet on every call; small pieces keep that cheap.
_INPUT_PIECE = 32 * 1024
_GZIP_ONLY = 16 + zlib.MAX_WBITS


class TruncatedGzip(ValueError):
    """The file ends in the middle of its compressed data."""


class CorruptGzip(ValueError):
    """The file is not gzip, or its data or checksum is wrong."""


def gunzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of at most 1 MiB; several members one after the other are one file.

    Raises `TruncatedGzip` after everything that could be unpacked was yielded, `CorruptGzip` at a bad piece.
    """
    member = zlib.decompressobj(_GZIP_ONLY)
    begun = members = 0
    for piece in _pieces(blocks):
        rest = piece
        while rest:
            if not begun and members:
                rest = rest.lstrip(b"\0")  # tape and block devices pad with zeros, and gzip(1) accepts it
                if not rest:
                    break
            begun = 1
            yield from _unpacked(member, rest)
            rest = member.unused_data
            if member.eof:
                member = zlib.decompressobj(_GZIP_ONLY)
                begun, members = 0, members + 1
    if begun or not members:
        raise TruncatedGzip("The gzip file ends before its data does: it was not uploaded completely, upload it again.")


def _unpacked(member: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    while True:
        try:
            block = member.decompress(data, MAX_OUTPUT_BLOCK)
        except zlib.error as error:
            raise CorruptGzip(f"The gzip file is damaged ({error}): write it again and upload it again.") from error
        if block:
            yield block
        data = member.unconsumed_tail
        # A full block may have been all there was; only a shorter one proves that nothing is held back.
        if member.eof or (not data and len(block) < MAX_OUTPUT_BLOCK):
            return


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for begin in range(0, len(block), _INPUT_PIECE):
            yield block[begin : begin + _INPUT_PIECE]

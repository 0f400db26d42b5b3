"""Which encoding a text file has: UTF-8, UTF-16 by its mark, or what Japanese Excel saves."""

from __future__ import annotations

import codecs
from io import TextIOWrapper
from typing import IO

from catalog.transfers.refused import BadFile

BLOCK = 2**18
MARKED = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
TOLD = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16", "cp932": "Shift_JIS (CP932)"}


def encoding_of(file: IO[bytes]) -> str:
    """The first that reads all of it; BadFile. The file is read to its end, in blocks, and rewound.

    Japanese text in Shift_JIS is never valid UTF-8 by chance for long, so UTF-8 is tried first.
    """
    file.seek(0)
    head = file.read(3)
    for encoding in _likely(head):
        if _first_fault(file, encoding) is None:
            file.seek(0)
            return encoding
    at = _first_fault(file, _likely(head)[0])
    raise BadFile(
        f"Line {at:,} is neither UTF-8 nor Shift_JIS. Save the file as “CSV UTF-8”, or as an Excel workbook (.xlsx)."
    )


def _likely(head: bytes) -> tuple[str, ...]:
    for mark, encoding in MARKED.items():
        if head.startswith(mark):
            return (encoding,)
    return ("utf-8", "cp932")


def _first_fault(file: IO[bytes], encoding: str) -> int | None:
    """The line of the first byte that cannot be read, from 1."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    file.seek(0)
    while True:
        block = file.read(BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as fault:
            return line + fault.object[: fault.start].count(b"\n")
        if not block:
            return None
        line += block.count(b"\n")


class Borrowed(TextIOWrapper):
    """Does not close the file of whoever lent it."""

    def __del__(self) -> None:
        if not self.closed:
            self.detach()

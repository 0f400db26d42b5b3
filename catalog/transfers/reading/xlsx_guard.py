"""What keeps a hostile workbook from filling the memory: a zip bomb, a row of a million cells, a document type.

openpyxl holds a whole row's elements, all shared strings, and the small parts whole; the bounds are looked at before it
sees the bytes.
"""

from __future__ import annotations

from typing import IO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from catalog.transfers.reading.row import MOST_CHARS, MOST_ROWS
from catalog.transfers.refused import BadFile

MOST_PARTS = 2_000
MOST_BYTES = 400 * 2**20  # of all parts, unpacked as the archive declares; zipfile reads no further than declared
MOST_OF = {"xl/worksheets/": 300 * 2**20, "xl/sharedStrings": 100 * 2**20, "xl/media/": MOST_BYTES}
MOST_OF_OTHERS = 8 * 2**20
MOST_SHEET_ROWS = 2**20  # all that a spreadsheet has: blank ones are passed over
MOST_STRINGS = 12 * MOST_ROWS
MOST_IN_A_ROW = 2_000  # elements
MOST_BETWEEN = 200_000  # elements that are in no row: merged cells, links, rules
DAMAGED = "The workbook is damaged, or is no .xlsx: open it in a spreadsheet program and save it again as .xlsx."


def opened(file: IO[bytes]) -> ZipFile:
    """The archive, if what it declares is within the bounds; BadFile."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError, ValueError) as fault:
        raise BadFile(DAMAGED) from fault
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise BadFile(f"The workbook unpacks to more than {MOST_BYTES // 2**20} MB: split it, or save it as CSV.")
    for part in parts:
        if part.flag_bits & 1:
            raise BadFile("The workbook is protected by a password: save it without one.")
        most = next((most for path, most in MOST_OF.items() if part.filename.startswith(path)), MOST_OF_OTHERS)
        if part.file_size > most or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadFile(f"{part.filename} in the workbook is larger than is read, or packed in another way.")
    return archive


class GuardedXml:
    """A part of the archive, looked through as it is being read; BadFile."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        """`most`: rows, or shared strings."""
        self._source, self._most = source, most
        self._rows = self._in_row = self._between = self._chars = 0
        self._inside = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size if size > 0 else 2**16)
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError as fault:
            raise BadFile(DAMAGED) from fault
        return block

    def close(self) -> None:
        self._source.close()

    def _begin(self, name: str, _: dict[str, str]) -> None:
        self._chars = 0
        if name.rpartition(":")[2] in ("row", "si"):
            self._rows, self._in_row, self._inside = self._rows + 1, 0, True
            if self._rows > self._most:
                raise BadFile(f"The workbook has more than {self._most:,} rows, or texts: split it.")
        elif self._inside:
            self._in_row += 1
            if self._in_row > MOST_IN_A_ROW:
                raise BadFile(f"A row of the workbook has more than {MOST_IN_A_ROW:,} cells: delete what lies outside.")
        else:
            self._between += 1
            if self._between > MOST_BETWEEN:
                raise BadFile("The workbook has too many merged cells, links or rules: save it as CSV.")

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] in ("row", "si"):
            self._inside = False

    def _text(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > MOST_CHARS:
            raise BadFile(f"A cell of the workbook has more than {MOST_CHARS:,} characters.")

    def _doctype(self, *_: object) -> None:
        raise BadFile(DAMAGED)

"""A JSON array of objects, or one object after another (JSON Lines), read piece by piece: never the whole file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from catalog.transfers.columns import COLUMNS, WRONG, column_of, known
from catalog.transfers.reading.encodings import TOLD, Borrowed, encoding_of
from catalog.transfers.reading.row import Row, Table, row_of
from catalog.transfers.refused import BadFile

BLOCK = 2**16
MOST_OBJECT = 2**20  # characters of one object
BLANK = " \t\r\n"


def json_table(file: IO[bytes]) -> Table:
    encoding = encoding_of(file)
    if encoding == "cp932":
        raise BadFile("The file is not UTF-8, which JSON has to be: save it as UTF-8.")
    columns: list[str] = []
    return Table(columns, f"JSON, {TOLD[encoding]}", _rows(_Scanner(Borrowed(file, encoding)), columns))


def _rows(scanner: _Scanner, columns: list[str]) -> Iterator[Row]:
    for number, found in scanner.objects():
        cells = {column_of(name): value for name, value in found.items()}
        if unknown := [name for name in found if not known(column_of(name))]:
            raise BadFile(
                f"Item {number:,} has `{unknown[0][:60]}`, which is not known. Known are {', '.join(COLUMNS)}."
            )
        for name in cells:
            if name not in columns and name != WRONG:
                columns.append(name)
        if "sku" not in cells:
            raise BadFile(f"Item {number:,} has no sku: it is what products are known by.")
        yield row_of(number, cells)


class _Scanner:
    """A window over the text, as long as the object that is just being read needs it."""

    def __init__(self, text: IO[str]) -> None:
        self._text, self._window, self._at, self._over = text, "", 0, False
        # Numbers as they are written: what they mean is the column's matter.
        self._decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant)

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        in_array = self._next() == "["
        self._at += in_array
        number = 0
        while (first := self._next()) and not (in_array and first == "]"):
            if in_array and number:
                if first != ",":
                    raise BadFile(f"Behind item {number:,} a comma or the end of the array is missing.")
                self._at += 1
            number += 1
            yield number, self._object(number)
        if in_array:
            self._end(first)

    def _object(self, number: int) -> dict[str, Any]:
        if self._next() != "{":
            raise BadFile(f"Item {number:,} is no object: the file has to be an array of objects.")
        while True:
            try:
                found, self._at = self._decoder.raw_decode(self._window, self._at)
            except (json.JSONDecodeError, RecursionError) as fault:
                if isinstance(fault, RecursionError) or not self._read_on():
                    told = fault.msg if isinstance(fault, json.JSONDecodeError) else "it is nested too deeply"
                    raise BadFile(f"Item {number:,} cannot be read: {told}.") from None
            else:
                return dict(found)

    def _end(self, first: str) -> None:
        if first != "]":
            raise BadFile("The end of the array is missing: the file is cut off.")
        self._at += 1
        if self._next():
            raise BadFile("Something stands behind the end of the array.")

    def _next(self) -> str:
        """The next character that is not blank, '' at the end; it is not passed."""
        while True:
            while self._at < len(self._window) and self._window[self._at] in BLANK:
                self._at += 1
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._read_on():
                return ""

    def _read_on(self) -> bool:
        """Whether there is more to look at. As much again as there is, so that a long object is not begun too often."""
        rest = self._window[self._at :]
        if self._over or len(rest) > MOST_OBJECT:
            return False
        more = self._text.read(max(BLOCK, len(rest)))
        self._window, self._at, self._over = rest + more, 0, not more
        return bool(more)


def _no_constant(name: str) -> NoReturn:
    raise BadFile(f"{name} is no JSON: write a number or null.")

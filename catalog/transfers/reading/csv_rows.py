"""CSV as Excel and everybody else writes it: comma, tab or semicolon, quoted or not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO, Any

from catalog.transfers.columns import column_of, columns_of, known
from catalog.transfers.defuse import disarmed
from catalog.transfers.reading.encodings import TOLD, Borrowed, encoding_of
from catalog.transfers.reading.row import Row, Table, row_of
from catalog.transfers.refused import BadFile

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons"}


def csv_table(file: IO[bytes]) -> Table:
    encoding = encoding_of(file)
    text = Borrowed(file, encoding, newline="")
    delimiter = _delimiter(text)
    records = _records(csv.reader(text, delimiter=delimiter, strict=True))
    _, headings = next(records, (1, []))
    columns = columns_of([disarmed(heading) for heading in headings])
    return Table(columns, f"{TOLD[encoding]}, separated by {DELIMITERS[delimiter]}", _rows(records, columns, text))


def _delimiter(text: IO[str]) -> str:
    """The one by which the heading has most columns that are known."""
    heading = text.readline(2**16)
    text.seek(0)

    def score(delimiter: str) -> tuple[int, int]:
        cells = heading.split(delimiter)
        return sum(known(column_of(cell.strip('"'))) for cell in cells), len(cells)

    return max(DELIMITERS, key=score)


def _records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, by their number as a spreadsheet counts."""
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise BadFile(
                f"Row {number:,} (line {reader.line_num:,}) cannot be read: {fault}. Look for a quotation mark that is"
                " not closed, or not doubled within a cell."
            ) from None
        if any(record):
            yield number, record


def _rows(records: Iterator[tuple[int, list[str]]], columns: list[str], text: IO[str]) -> Iterator[Row]:
    """`text` is held as long as there are rows to come."""
    for number, record in records:
        cells, over = record[: len(columns)], record[len(columns) :]
        fault = ""
        if any(over) or len(cells) < len(columns):
            fault = (
                f"It has {len(record)} cells, the heading has {len(columns)}: look for a delimiter too many or too few."
            )
        yield row_of(
            number, {column: disarmed(cell) for column, cell in zip(columns, cells, strict=False)}, fault=fault
        )

"""A row as it stands in the file: its cells as text, and what is wrong with them as cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.transfers.refused import BadCell, BadFile

MOST_ROWS = 200_000
MOST_CHARS = 100_000  # of a cell
UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Row(NamedTuple):
    """`number`: as a spreadsheet counts, the heading is 1; of JSON, the item, from 1.

    `cells` has what the row says: a column that is missing here is left alone. `faults` by column, '' for the row.
    """

    number: int
    cells: dict[str, str]
    faults: dict[str, str]


class Table(NamedTuple):
    """`columns` is known before the first row, of JSON only after the last one."""

    columns: list[str]
    read_as: str
    rows: Iterator[Row]


def row_of(number: int, cells: dict[str, Any], *, fault: str = "") -> Row:
    texts: dict[str, str] = {}
    faults = {"": fault} if fault else {}
    for column, value in cells.items():
        try:
            texts[column] = text_of(value)
        except BadCell as wrong:
            texts[column], faults[column] = "", str(wrong)
    return Row(number, texts, faults)


def text_of(value: Any) -> str:
    """A cell's value as text; BadCell. Numbers as a spreadsheet shows them: 15 digits, no exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, date | datetime | time | timedelta):
        raise BadCell("It is a date: the spreadsheet made one of it. Format the column as text, and type it again.")
    if isinstance(value, dict | list):
        raise BadCell("It is a list or an object: a cell holds text, a number, true or false, or null.")
    return _kept(str(value))


def bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise BadFile(f"The file has more than {MOST_ROWS:,} rows: split it.")
        yield row


def _kept(text: str) -> str:
    if len(text) > MOST_CHARS:
        raise BadCell(f"It has {len(text):,} characters: {MOST_CHARS:,} are read at most.")
    if found := UNKEEPABLE.search(text):
        raise BadCell(f"It contains the control character U+{ord(found[0]):04X}: take it out.")
    return text

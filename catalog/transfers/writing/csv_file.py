"""CSV that Excel opens as it is: UTF-8 with its mark, commas, all text quoted."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from typing import IO, Any

from catalog.transfers.defuse import defused


class CsvFile:
    content_type = "text/csv; charset=utf-8"

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._text = TextIOWrapper(file, "utf-8-sig", newline="", write_through=False)
        # Quoted, a delimiter within a cell cannot make two of it, whichever delimiter the reader believes in.
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self._writer.writerow(columns)

    def write(self, row: Sequence[Any]) -> None:
        self._writer.writerow([_cell(value) for value in row])

    def close(self) -> None:
        """The file stays open for whoever lent it."""
        self._text.flush()
        self._text.detach()

    def discard(self) -> None:
        self._text.detach()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else defused(value) if isinstance(value, str) else value

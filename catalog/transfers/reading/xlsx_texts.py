"""The texts that a workbook shares between its cells, on disk: openpyxl would hold all of them, 100 MB of a big one."""

from __future__ import annotations

import os
from array import array
from tempfile import TemporaryFile
from xml.etree.ElementTree import iterparse

from openpyxl.cell.text import Text
from openpyxl.xml.constants import SHEET_MAIN_NS

from catalog.transfers.reading.xlsx_guard import GuardedXml

TEXT = f"{{{SHEET_MAIN_NS}}}si"


class SharedTexts:
    """By number, as cells name them; IndexError."""

    def __init__(self, source: GuardedXml | None = None) -> None:
        self._file = TemporaryFile(prefix="nightshelf-texts-")  # noqa: SIM115 - closed with this object
        self._ends = array("Q", [0])
        if source:
            self._keep(source)

    def __del__(self) -> None:
        self._file.close()

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        begin, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), end - begin, begin).decode()

    def _keep(self, source: GuardedXml) -> None:
        elements = iterparse(source, events=("start", "end"))  # noqa: S314 - guarded
        _, root = next(elements)
        for event, element in elements:
            if event == "end" and element.tag == TEXT:
                text = (Text.from_tree(element).content or "").encode("utf-8", "surrogatepass")
                self._file.write(text)
                self._ends.append(self._ends[-1] + len(text))
                root.clear()  # else what was read stays below it, emptied but there
        self._file.flush()

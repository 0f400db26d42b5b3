"""A JSON array of objects, an object a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import msgspec

_encode = msgspec.json.Encoder(decimal_format="number").encode


class JsonFile:
    content_type = "application/json"

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file, self._columns, self._before = file, columns, b"[\n"

    def write(self, row: Sequence[Any]) -> None:
        self._file.write(self._before + _encode(dict(zip(self._columns, row, strict=True))))
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")

    def discard(self) -> None: ...

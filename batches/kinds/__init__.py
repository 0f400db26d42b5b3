"""The result kinds. Adding one is one module beside this file, and its line here."""

from __future__ import annotations

from batches.kinds.kind import Kind
from batches.kinds.receipts import RECEIPTS

_KINDS: dict[str, Kind] = {kind.name: kind for kind in (RECEIPTS,)}


def get(name: str) -> Kind:
    return _KINDS[name]


def names() -> list[str]:
    return list(_KINDS)

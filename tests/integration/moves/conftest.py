"""No test of moving waits between its tries."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from batches.moves import retry


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were to be made; none is made."""
    made: list[float] = []
    monkeypatch.setattr(retry, "time", SimpleNamespace(sleep=made.append))
    return made

"""Bedrock's own counts against ours: every difference comes with a sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batches.balance import Balance


@dataclass(frozen=True)
class Comparison:
    what: str
    theirs: int
    ours: int
    ours_are: str
    explanation: str = ""

    @property
    def difference(self) -> int:
        return self.ours - self.theirs


def compare(manifest: dict[str, Any] | None, sums: Balance, model_errors: int) -> list[Comparison]:
    """Total against lines read, errors against letters `model_error`; nothing without a readable manifest."""
    if not manifest or "fault" in manifest:
        return []
    answered = sums.read - model_errors
    return [
        _compared("Records", manifest["totalRecordCount"], sums.read, "lines read", sums),
        _compared("Successful", manifest["successRecordCount"], answered, "lines with an answer", sums),
        _compared("Errors", manifest["errorRecordCount"], model_errors, "letters “model_error”", sums),
    ]


def _compared(what: str, theirs: int, ours: int, ours_are: str, sums: Balance) -> Comparison:
    return Comparison(what, theirs, ours, ours_are, _explanation(theirs, ours, sums))


def _explanation(theirs: int, ours: int, sums: Balance) -> str:
    if ours == theirs:
        return ""
    if sums.pending:
        return "Reading is not finished yet."
    if ours < theirs:
        missing = theirs - ours
        reason = "parts of a file were not read" if sums.unread else "a result file has not landed, or was cut off"
        return f"{missing:,} fewer than Bedrock counted: {reason}. Compare the files above with the output folder."
    more = ours - theirs
    if more <= sums.superseded:
        return f"{more:,} more than Bedrock counted: records are repeated; their earlier lines are the superseded ones."
    return f"{more:,} more than Bedrock counted: a file has landed twice, or lines of another run are in it."

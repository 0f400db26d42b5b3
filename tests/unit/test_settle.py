"""The rules of `settle`, one by one."""

from __future__ import annotations

import pytest

from batches.kinds.kind import Row
from batches.pipeline.settle import Known, Outcome, settle

# Where each chunk of the file begins; the one made last (9) lies in the middle, as a bisected chunk's half does.
STARTS = {5: 0, 9: 100, 6: 200, 7: 300}
OURS, OTHER_FILE = 6, 2


def row(content: int, line: int = 10) -> Row:
    return Row(b"", line, content, "", "", "", "", "")


@pytest.mark.parametrize(
    ("chunk", "line", "content", "reviewed", "outcome"),
    [
        # The row is another file's.
        (OTHER_FILE, 99, 1, False, Outcome.UNCHANGED),
        (OTHER_FILE, 99, 2, False, Outcome.UPDATED),
        (OTHER_FILE, 99, 1, True, Outcome.UNCHANGED),
        (OTHER_FILE, 99, 2, True, Outcome.CONFLICT),
        # An earlier line of this file wrote it: this line takes its place, whatever it says.
        (5, 99, 1, False, Outcome.TAKEN_OVER),
        (5, 99, 2, False, Outcome.TAKEN_OVER),
        (9, 99, 2, False, Outcome.TAKEN_OVER),
        (OURS, 9, 2, False, Outcome.TAKEN_OVER),
        (OURS, 10, 1, False, Outcome.TAKEN_OVER),
        (5, 99, 1, True, Outcome.TAKEN_OVER),
        (5, 99, 2, True, Outcome.CONFLICT),
        # A later line of this file wrote it.
        (7, 1, 1, False, Outcome.SUPERSEDED),
        (7, 1, 2, False, Outcome.SUPERSEDED),
        (OURS, 11, 2, False, Outcome.SUPERSEDED),
        (7, 1, 2, True, Outcome.SUPERSEDED),
    ],
)
def test_a_line_that_says_1(chunk: int, line: int, content: int, reviewed: bool, outcome: Outcome) -> None:
    known = Known(content=content, chunk_id=chunk, line=line, revision=1, reviewed=reviewed)

    assert settle(row(content=1), known, OURS, STARTS) is outcome

"""The rules of `settle`, one by one."""

from __future__ import annotations

import pytest

from batches.kinds.kind import Row
from batches.pipeline.settle import Known, Outcome, Place, settle

# Where each chunk stands; the one made last (9) lies in the middle, as a bisected chunk's half does.
EARLIER_FILE, LATER_FILE, OURS = 2, 8, 6
PLACES = {
    EARLIER_FILE: Place(1, 900),
    **{chunk: Place(2, start) for chunk, start in {5: 0, 9: 100, OURS: 200, 7: 300}.items()},
    LATER_FILE: Place(3, 0),
}


def row(content: int, line: int = 10) -> Row:
    return Row(b"", line, content, "", "", "", "", "")


@pytest.mark.parametrize(
    ("chunk", "line", "content", "reviewed", "outcome"),
    [
        # The row is an earlier file's.
        (EARLIER_FILE, 99, 1, False, Outcome.UNCHANGED),
        (EARLIER_FILE, 99, 2, False, Outcome.UPDATED),
        (EARLIER_FILE, 99, 1, True, Outcome.UNCHANGED),
        (EARLIER_FILE, 99, 2, True, Outcome.CONFLICT),
        # A later file wrote it: what an older file says is not written over it any more.
        (LATER_FILE, 1, 1, False, Outcome.UNCHANGED),
        (LATER_FILE, 1, 2, False, Outcome.SUPERSEDED),
        (LATER_FILE, 1, 1, True, Outcome.UNCHANGED),
        (LATER_FILE, 1, 2, True, Outcome.SUPERSEDED),
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

    assert settle(row(content=1), known, OURS, PLACES) is outcome

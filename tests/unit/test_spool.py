"""Batches go in and come out the same, any number of times, and all but the first lie on the disk."""

from __future__ import annotations

from batches.kinds.kind import Row
from batches.pipeline.spool import Batch, Dead, Spool
from batches.pipeline.tally import Tally


def batch(number: int) -> Batch:
    row = Row(b"\x00\xff" * 6, number, -(2**63), f"i{number}", "user", "ab" * 16, "2027-02-03", "1.00\t店\\t\\N")
    return Batch([row], 2, [Dead(number + 1, 5, 6, "null", "", "message", "…", "")])


def test_what_goes_in_comes_out_again_and_again() -> None:
    spool = Spool()
    batches = [batch(number) for number in range(4)]
    for each in batches:
        spool.add(each)

    assert list(spool) == list(spool) == batches
    spool.close()


def test_an_empty_spool() -> None:
    spool = Spool()

    assert list(spool) == []
    spool.close()


def test_a_tally_tells_its_counters_and_nothing_else() -> None:
    tally = Tally(read=3, inserted=2, dead=1)
    tally.unchanged_ids += b"x" * 12

    names = {"read": 3, "inserted": 2, "updated": 0, "unchanged": 0, "superseded": 0, "dead": 1}
    assert tally.counters() == names

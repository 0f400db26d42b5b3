"""CloudWatch's rules of missing data, row by row as they are documented, and what follows from them."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from monitoring.alarms.evaluate import evaluate, evaluation_range
from monitoring.alarms.words import MissingData, State

DATA = Path(__file__).parents[2] / "data" / "alarms"
POLICIES = ("missing", "ignore", "breaching", "notBreaching")
READ = {"0": False, "X": True, "-": None}


class Row(NamedTuple):
    m: int
    n: int
    points: list[bool | None]
    filled: int
    policy: str
    state: str


def _rows(name: str) -> list[Row]:
    rows = []
    for line in (DATA / name).read_text().splitlines():
        if line and not line.startswith("#"):
            numbers, points, filled, *states = (part.strip() for part in line.split("|"))
            m, n = map(int, numbers.split())
            read = [READ[point] for point in points.split()]
            rows += [Row(m, n, read, int(filled), *pair) for pair in zip(POLICIES, states, strict=True)]
    return rows


def _told(row: Row) -> str:
    return f"{row.m} of {row.n} {''.join('-' if p is None else 'X' if p else '0' for p in row.points)} {row.policy}"


@pytest.mark.parametrize("row", [*_rows("documented.txt"), *_rows("further.txt")], ids=_told)
def test_row(row: Row) -> None:
    for before in State:
        verdict = evaluate(row.points, row.m, row.n, row.policy, before)

        assert verdict.state == (before if row.state == "keep" else State(row.state))
        assert verdict.kept == (row.state == "keep")
        assert verdict.filled == row.filled


def test_documented_table_is_whole() -> None:
    assert len(_rows("documented.txt")) == (5 + 5 + 4) * len(POLICIES)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3)])
def test_with_all_data_policies_agree_and_only_the_newest_n_count(m: int, n: int) -> None:
    for points in product((False, True), repeat=evaluation_range(n)):
        states = {evaluate(points, m, n, policy, State.OK).state for policy in MissingData}
        assert states == {State.ALARM if sum(points[-n:]) >= m else State.OK}


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 2), (2, 3), (3, 3)])
def test_no_policy_is_stricter_than_breaching_nor_milder_than_not_breaching(m: int, n: int) -> None:
    """And as few as possible are filled in: never when there are N, never more than are wanting."""
    for points in product((False, True, None), repeat=evaluation_range(n)):
        found = {policy: evaluate(points, m, n, policy, State.OK) for policy in MissingData}
        real = sum(point is not None for point in points)
        assert {verdict.filled for verdict in found.values()} == {max(0, n - real)}
        if found[MissingData.NOT_BREACHING].state == State.ALARM:
            assert {verdict.state for verdict in found.values()} == {State.ALARM}
        if found[MissingData.BREACHING].state == State.OK:
            assert State.ALARM not in {verdict.state for verdict in found.values()}

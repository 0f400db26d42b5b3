"""What is slower than usual: by the time of the steps themselves, against the median."""

from __future__ import annotations

from monitoring.pages.traces.compare import Spent, compared, spent
from tests.unit.traces.trees import step


def test_the_time_of_a_step_is_its_own() -> None:
    steps = [step("page", 0, 10), step("query", 1, 4, "page", span_id="1"), step("query", 5, 6, "page", span_id="2")]

    assert spent(steps) == {("page", "worker"): Spent(6, 1), ("query", "worker"): Spent(4, 2)}


def test_what_took_longer_is_told_first_and_what_is_no_matter_is_not_marked() -> None:
    ours = {("page", "web"): Spent(1.0, 1), ("query", "database"): Spent(5.0, 9), ("read", "storage"): Spent(0.02, 1)}
    usual = {("page", "web"): Spent(0.9, 1), ("query", "database"): Spent(1.0, 3), ("read", "storage"): Spent(0.01, 1)}
    rows = compared(ours, [usual, usual, {("page", "web"): Spent(60.0, 1)}])

    assert [(row.name, row.slower) for row in rows] == [("query", True), ("page", False), ("read", False)]
    assert rows[0].usual == Spent(1.0, 3)


def test_a_step_that_is_usual_and_missing_here_is_told() -> None:
    (row,) = compared({}, [{("read", "storage"): Spent(2.0, 1)}])

    assert (row.ours, row.usual, row.slower) == (Spent(0.0, 0), Spent(2.0, 1), False)


def test_a_step_that_the_others_never_had_is_slower() -> None:
    (row,) = compared({("retry", "worker"): Spent(2.0, 4)}, [{}, {}])

    assert row.slower

"""The stretches that a trace's length is made of: what they are for known shapes, and what holds for any."""

from __future__ import annotations

from itertools import pairwise

import pytest

from monitoring.pages.traces.critical_path import mark
from monitoring.pages.traces.skew import straightened
from monitoring.pages.traces.tree import Tree
from tests.unit.traces.trees import a_random_tree, tree

SEEDS = range(200)


def marked(found: Tree) -> dict[str, list[tuple[float, float]]]:
    mark(found.roots)
    return {name: sorted(node.critical) for name, node in found.nodes.items() if node.critical}


def test_of_two_at_once_the_one_that_ends_last_counts() -> None:
    found = tree(("a", 0, 10, [("quick", 1, 4), ("slow", 1, 8)]))

    assert marked(found) == {"a": [(0, 1), (8, 10)], "slow": [(1, 8)]}


def test_one_after_the_other_all_count() -> None:
    found = tree(("a", 0, 10, [("b", 1, 3), ("c", 3.000001, 6, [("d", 4, 5)])]))

    assert marked(found) == {"a": [(0, 1), (3, 3.000001), (6, 10)], "b": [(1, 3)], "c": [(3.000001, 4), (5, 6)],
                             "d": [(4, 5)]}  # fmt: skip


def test_siblings_that_seem_to_overlap_by_a_microsecond_follow_each_other() -> None:
    assert set(marked(tree(("a", 0, 10, [("b", 1, 3.000001), ("c", 3, 6)])))) == {"a", "b", "c"}


def test_a_task_that_outlives_its_request_counts_and_the_queue_is_waiting() -> None:
    found = tree(("request", 0, 2, [("publish", 1, 2, [("task", 5, 9)])]))

    assert mark(found.roots) == 3
    assert found.nodes["task"].critical == [(5, 9)]
    assert found.nodes["request"].critical_seconds == 1


def test_several_roots_are_gone_through_from_the_last() -> None:
    found = tree(("a", 0, 4), ("b", 3, 8), ("c", 9, 10))

    assert mark(found.roots) == 1
    assert [found.nodes[name].critical for name in "abc"] == [[(0, 3)], [(3, 8)], [(9, 10)]]


def test_a_sibling_that_still_ran_was_not_waited_for() -> None:
    assert marked(tree(("a", 0, 10, [("b", 1, 6), ("c", 5, 9)]))) == {"a": [(0, 5), (9, 10)], "c": [(5, 9)]}


def test_tasks_that_overlap_cover_the_time_together_with_what_they_were_at() -> None:
    found = tree(("publish", 0, 1, [("one", 1, 6, [("copy", 2, 5.5)]), ("two", 4, 9)]))

    assert mark(found.roots) == 0
    assert found.nodes["copy"].critical == [(2, 4)]
    assert found.nodes["one"].critical == [(1, 2)]


def test_nothing_has_no_path() -> None:
    assert mark([]) == 0


def test_stretches_and_waiting_are_as_long_as_the_trace() -> None:
    for seed in SEEDS:
        found = a_random_tree(seed)
        straightened(found.roots)
        waiting = mark(found.roots)
        stretches = sorted(stretch for node in found.nodes.values() for stretch in node.critical)

        assert sum(end - begin for begin, end in stretches) + waiting == pytest.approx(
            found.end - found.begin, abs=1e-4
        )
        assert all(one[1] <= two[0] + 1e-5 for one, two in pairwise(stretches))
        assert all(
            node.begin <= begin < end <= node.end for node in found.nodes.values() for begin, end in node.critical
        )


def test_what_ends_last_is_on_the_path() -> None:
    for seed in SEEDS[:40]:
        found = a_random_tree(seed)
        straightened(found.roots)
        mark(found.roots)
        last = [node for node in found.nodes.values() if node.end == found.end and node.seconds]

        assert not last or any(node.critical for node in last)

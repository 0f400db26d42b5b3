"""Whatever was kept of a trace becomes trees that hold each step once."""

from __future__ import annotations

from monitoring.pages.traces.skew import straightened
from monitoring.pages.traces.tree import above, below, own_seconds, planted
from tests.unit.traces.trees import a_random_tree, step, tree

SEEDS = range(150)


def test_each_step_is_in_the_trees_once() -> None:
    for seed in SEEDS:
        found = a_random_tree(seed)
        reached = [node.step.span_id for root in found.roots for node in below(root)]

        assert sorted(reached) == sorted(found.nodes)
        assert all(node.parent is None for node in found.roots)
        assert all(child.parent is node for node in found.nodes.values() for child in node.children)


def test_roots_come_before_what_lost_its_parent() -> None:
    found = planted([step("late", 9, 10), step("lost", 1, 2, "gone"), step("first", 0, 5), step("child", 1, 2, "lost")])

    assert [(root.step.name, root.orphan) for root in found.roots] == [
        ("first", False),
        ("late", False),
        ("lost", True),
    ]
    assert [node.step.name for node in above(found.nodes["child"])] == ["lost"]


def test_a_circle_is_cut_once() -> None:
    found = planted([step("a", 0, 3, "c"), step("b", 1, 2, "a"), step("c", 1, 2, "b"), step("self", 5, 6, "self")])

    assert [(root.step.name, len(list(below(root))), root.orphan) for root in found.roots] == [
        ("a", 3, True), ("self", 1, True),
    ]  # fmt: skip


def test_a_step_told_twice_counts_once() -> None:
    assert len(planted([step("a", 0, 1), step("a", 0, 1)]).nodes) == 1


def test_nothing_kept_is_no_tree() -> None:
    assert planted([]) == ([], {})
    assert planted([]).end == 0


def test_own_time_is_what_no_child_covers() -> None:
    found = tree(("a", 0, 10, [("b", 1, 4), ("c", 3, 5), ("d", 9, 12)]))

    assert own_seconds(found.nodes["a"]) == 10 - 4 - 1
    assert own_seconds(found.nodes["d"]) == 3


def test_a_clock_that_was_behind_is_put_right_with_all_it_measured() -> None:
    asked = step("request", 10, 20, instance="web")
    task = step("task", 7, 9, "request", instance="worker")
    found = planted([asked, task, step("query", 8, 9, "task", instance="worker")])

    assert straightened(found.roots) == {"worker": 3}
    assert [(node.begin, node.end) for node in map(found.nodes.get, ("request", "task", "query")) if node] == [
        (10, 20), (10, 12), (11, 12),
    ]  # fmt: skip


def test_a_task_that_runs_after_its_request_is_no_fault_of_a_clock() -> None:
    found = planted([step("request", 0, 1, instance="web"), step("task", 5, 9, "request", instance="worker")])

    assert straightened(found.roots) == {}
    assert found.end == 9

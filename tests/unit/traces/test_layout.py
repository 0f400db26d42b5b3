"""The rows of a waterfall: within their budget, similar siblings as one, nothing lost, what is pinned in sight."""

from __future__ import annotations

from monitoring.pages.traces.layout import DEEPEST, Row, laid_out
from monitoring.pages.traces.tree import Node, above, below, planted
from tests.unit.traces.trees import a_random_tree, step, tree


def told(rows: list[Row]) -> list[str]:
    return [f"{'  ' * row.depth}{f'{row.of} × ' if row.of > 1 else ''}{row.node.step.name}" for row in rows]


def stood_for(rows: list[Row]) -> int:
    below_runs = sum(1 for row in rows if row.run or row.rest for node in row.nodes for _ in below(node))
    return below_runs + sum(1 + row.hidden for row in rows if not (row.run or row.rest))


def test_rows_come_in_the_order_of_the_tree() -> None:
    found = laid_out(tree(("a", 0, 9, [("b", 1, 2, [("c", 1, 2)]), ("d", 3, 4)]), ("e", 5, 6)).roots)

    assert told(found) == ["a", "  b", "    c", "  d", "e"]
    assert [(row.opens, row.closes) for row in found] == [(True, 0), (True, 0), (False, 1), (False, 1), (False, 0)]


def test_similar_siblings_are_one_row_also_when_others_lie_between() -> None:
    steps = [step("chunk", 0, 99)]
    for number in range(20):
        steps += [step(name, number, number + 0.5, "chunk", span_id=f"{name}{number}") for name in ("SELECT", "COPY")]
    found = laid_out(planted(steps).roots)

    assert sorted(told(found)) == ["  20 × COPY", "  20 × SELECT", "chunk"]
    assert found[1].seconds == 10
    assert (found[1].begin, found[1].end) == (0, 19.5)


def test_what_is_pinned_has_a_row_with_its_way() -> None:
    steps = [step("job", 0, 999)]
    for number in range(400):
        steps += [step("chunk", number, number + 1, "job", span_id=f"c{number}"),
                  step("line", number, number + 1, f"c{number}", span_id=f"l{number}")]  # fmt: skip
    found = planted(steps)
    rows = laid_out(found.roots, pinned=[found.nodes["l300"]], budget=4)

    assert any(row.nodes == [found.nodes["l300"]] for row in rows)
    assert any(row.run and row.of == 399 for row in rows)


def test_nothing_is_lost_and_the_budget_holds() -> None:
    for seed in range(100):
        found = a_random_tree(seed, size=120)
        rows = laid_out(found.roots, budget=12)

        assert stood_for(rows) == len(found.nodes)
        assert len(rows) <= 12
        assert sum(row.closes for row in rows) == sum(row.opens for row in rows)


def test_the_pinned_ones_are_shown_in_any_shape() -> None:
    for seed in range(60):
        found = a_random_tree(seed, size=120)
        pinned = list(found.nodes.values())[:: max(len(found.nodes) // 5, 1)]
        rows = laid_out(found.roots, pinned=pinned, budget=6)
        shown = {row.node for row in rows if not (row.run or row.rest)}

        assert set(pinned) <= shown
        assert stood_for(rows) == len(found.nodes)


def test_only_what_is_asked_for_with_its_way() -> None:
    found = tree(("a", 0, 9, [("b", 1, 2, [("c", 1, 2)]), ("d", 3, 4)]))
    kept: set[Node] = {found.nodes["c"], *above(found.nodes["c"])}

    assert told(laid_out(found.roots, among=kept)) == ["a", "  b", "    c"]


def test_a_chain_of_thousands_is_cut_where_a_browser_would_give_up() -> None:
    chain = [step(str(number), number, 9_000, str(number - 1) if number else None) for number in range(5_000)]
    rows = laid_out(planted(chain).roots)

    assert len(rows) == DEEPEST + 1
    assert rows[-1].hidden == 5_000 - len(rows)


def test_five_thousand_siblings_of_as_many_names_have_a_last_row_for_the_rest() -> None:
    found = planted([step("a", 0, 9_999), *(step(f"n{n}", n, n + 1, "a") for n in range(4_999))])
    rows = laid_out(found.roots, budget=100)

    assert len(rows) == 100
    assert rows[-1].rest
    assert stood_for(rows) == 5_000

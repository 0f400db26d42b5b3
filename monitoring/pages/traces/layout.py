"""Which rows a waterfall shows, of however many steps: never more than its budget, whatever the shape.

Similar siblings are one row, which says how many they are and what they came to; what has no room is one row that
says how many steps it stands for. Both can be opened by themselves. Steps that are pinned (the one asked for, those
that failed) are never put away. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from monitoring.pages.traces.tree import Node, above, below

BUDGET = 300  # rows of a page
SIMILAR = 6  # so many siblings of one name become one row
DEEPEST = 60  # a browser gives up nesting at some hundreds


@dataclass(slots=True, eq=False)
class Row:
    """A step; or `of` steps in one row: similar siblings (`run`), or what there was no room for.

    Rows come in the order they are shown; those below one that `opens` come after it, and the last of them `closes`
    as many as end with it.
    """

    nodes: Sequence[Node]
    depth: int
    run: bool = False
    rest: bool = False
    opens: bool = False
    closes: int = 0
    hidden: int = 0  # steps below it that have no row
    parent: Node | None = None
    children: list[Row] = field(default_factory=list)

    @property
    def node(self) -> Node:
        return self.nodes[0]

    @property
    def of(self) -> int:
        return len(self.nodes)

    @property
    def begin(self) -> float:
        return min(node.begin for node in self.nodes)

    @property
    def end(self) -> float:
        return max(node.end for node in self.nodes)

    @property
    def seconds(self) -> float:
        """Of all its steps, one after the other."""
        return sum(node.seconds for node in self.nodes)

    @property
    def failed(self) -> int:
        return sum(node.step.failed for node in self.nodes)

    @property
    def critical_seconds(self) -> float:
        return sum(node.critical_seconds for node in self.nodes)


def laid_out(
    tops: Sequence[Node],
    *,
    pinned: Collection[Node] = (),
    among: Collection[Node] | None = None,
    budget: int = BUDGET,
    apart: bool = False,
    depth: int = 0,
) -> list[Row]:
    """`among`: only these steps, which hold the way to each of them. `apart`: the top ones each have a row."""
    shown = None if among is None else set(among)
    firm = {one for node in pinned for one in (node, *above(node))}
    first = _rows_of(tops, tops[0].parent if tops else None, depth, firm, apart=apart, room=budget)
    left = budget - len(first)
    waiting = deque(sorted(first, key=lambda row: row.node not in firm))
    while waiting:
        row = waiting.popleft()
        below_it = [] if row.run or row.rest else _among(row.node.children, shown)
        if not below_it:
            continue
        must = row.node in firm and any(child in firm for child in below_it)
        room = max(left, sum(child in firm for child in below_it) + 1 if must else 0)
        rows = _rows_of(below_it, row.node, row.depth + 1, firm, room=room)
        if (left <= 0 and not must) or row.depth - depth >= DEEPEST or (len(rows) > left and not must):
            row.hidden = sum(1 for child in below_it for _ in below(child))
            continue
        row.children, row.opens = rows, True
        left -= len(rows)
        for one in rows:
            (waiting.appendleft if one.node in firm else waiting.append)(one)
    return _in_order(first)


def _among(nodes: Sequence[Node], shown: set[Node] | None) -> list[Node]:
    found = list(nodes) if shown is None else [node for node in nodes if node in shown]
    return sorted(found, key=lambda node: (node.begin, -node.end))


def _rows_of(
    nodes: Sequence[Node],
    parent: Node | None,
    depth: int,
    firm: set[Node],
    *,
    apart: bool = False,
    room: int,
) -> list[Row]:
    kinds: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        if not apart and node not in firm:
            kinds.setdefault((node.step.name, node.step.component), []).append(node)
    rows, done = [], set()
    for node in nodes:
        alike = kinds.get((node.step.name, node.step.component), [])
        if node in firm or len(alike) < SIMILAR:
            rows.append(Row([node], depth, parent=parent))
        elif (what := (node.step.name, node.step.component)) not in done:
            done.add(what)
            rows.append(Row(alike, depth, run=True, parent=parent))
    return _cut(rows, depth, firm, room, parent)


def _cut(rows: list[Row], depth: int, firm: set[Node], room: int, parent: Node | None) -> list[Row]:
    """The rest of too many rows is one row."""
    if len(rows) <= max(room, 1):
        return rows
    keep = set(map(id, rows[: max(room - 1 - sum(row.node in firm for row in rows), 0)]))
    kept = [row for row in rows if id(row) in keep or row.node in firm]
    rest = [node for row in rows if not (id(row) in keep or row.node in firm) for node in row.nodes]
    return [*kept, Row(rest, depth, rest=True, parent=parent)] if rest else kept


def _in_order(first: list[Row]) -> list[Row]:
    found: list[Row] = []
    stack: list[tuple[Row, int]] = [(row, 0) for row in reversed(first)]
    while stack:
        row, closes = stack.pop()
        found.append(row)
        if not row.children:
            row.closes = closes
            continue
        last = row.children[-1]
        stack.extend((child, closes + 1 if child is last else 0) for child in reversed(row.children))
    return found

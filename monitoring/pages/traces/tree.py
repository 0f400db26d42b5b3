"""The steps of a trace as trees. Pure: whatever was kept, in whatever order, each step is in them exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Step(NamedTuple):
    """One span. `begin` and `end` are seconds after the begin of its trace."""

    span_id: str
    parent_id: str | None
    name: str
    component: str
    caller: str
    kind: str
    instance: str
    begin: float
    end: float
    failed: bool = False


@dataclass(slots=True, eq=False)
class Node:
    """A step at its place. `begin` and `end` are where it is drawn: moved, where its clock cannot have been right."""

    step: Step
    begin: float
    end: float
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    orphan: bool = False  # its parent is not kept
    critical: list[tuple[float, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.end - self.begin

    @property
    def critical_seconds(self) -> float:
        return sum(end - begin for begin, end in self.critical)


class Tree(NamedTuple):
    """`roots`: the steps without a parent, then those whose parent is not kept; both in the order they began."""

    roots: list[Node]
    nodes: dict[str, Node]

    @property
    def begin(self) -> float:
        return min((node.begin for node in self.nodes.values()), default=0.0)

    @property
    def end(self) -> float:
        return max((node.end for node in self.nodes.values()), default=0.0)


def planted(steps: Iterable[Step]) -> Tree:
    """A step told twice counts once. Steps that are each other's parents are cut apart, as if one's were not kept."""
    nodes: dict[str, Node] = {}
    for step in sorted(steps, key=lambda step: (step.begin, -step.end, step.span_id)):
        nodes.setdefault(step.span_id, Node(step, step.begin, max(step.begin, step.end)))
    roots = [node for node in nodes.values() if node.step.parent_id is None]
    for node in nodes.values():
        if (parent := nodes.get(node.step.parent_id or "")) and parent is not node:
            node.parent = parent
            parent.children.append(node)
    orphans = [node for node in nodes.values() if node.parent is None and node.step.parent_id is not None]
    orphans += _cut_apart(nodes, [*roots, *orphans])
    for node in orphans:
        node.orphan = True
    return Tree([*roots, *sorted(orphans, key=lambda node: node.begin)], nodes)


def below(node: Node) -> Iterator[Node]:
    """The node and everything under it, parents first."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.children))


def above(node: Node) -> Iterator[Node]:
    """Its parent, its parent's parent, up to a root."""
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def own_seconds(node: Node) -> float:
    """How long it ran while none of its children did."""
    covered, reached = 0.0, node.begin
    for child in sorted(node.children, key=lambda child: child.begin):
        begin, end = max(child.begin, reached), min(child.end, node.end)
        if end > begin:
            covered += end - begin
            reached = end
    return max(node.seconds - covered, 0.0)


def _cut_apart(nodes: dict[str, Node], roots: list[Node]) -> list[Node]:
    """The first of each circle, which no root leads to."""
    reached = {one.step.span_id for root in roots for one in below(root)}
    cut = []
    for node in nodes.values():
        if node.step.span_id not in reached:
            if node.parent:
                node.parent.children.remove(node)
                node.parent = None
            cut.append(node)
            reached.update(one.step.span_id for one in below(node))
    return cut

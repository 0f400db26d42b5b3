"""A trace that was opened: its steps as trees, straightened, with their critical path."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.pages.traces.critical_path import mark
from monitoring.pages.traces.load import MOST_STEPS, steps_of
from monitoring.pages.traces.shares import Share, parts
from monitoring.pages.traces.skew import straightened
from monitoring.pages.traces.tree import Node, Tree, own_seconds, planted
from monitoring.pages.traces.whole import Whole

MOST_TOLD = 6


@dataclass(frozen=True)
class Opened:
    """`moved`: by how many seconds each process's clock was behind. `waiting`: seconds in which nothing of it ran."""

    trace: Whole
    tree: Tree
    moved: dict[str, float]
    waiting: float

    @property
    def cut(self) -> int:
        """Steps that are kept and not shown: there are too many."""
        return max(self.trace.spans - len(self.tree.nodes), 0) if len(self.tree.nodes) >= MOST_STEPS else 0

    @property
    def orphans(self) -> list[Node]:
        return [root for root in self.tree.roots if root.orphan]

    @property
    def failed(self) -> list[Node]:
        return [node for node in self.tree.nodes.values() if node.step.failed]

    @property
    def own_shares(self) -> list[Share]:
        seconds: dict[str, float] = {}
        for node in self.tree.nodes.values():
            seconds[node.step.component] = seconds.get(node.step.component, 0.0) + own_seconds(node)
        return parts(seconds)

    @property
    def path(self) -> list[tuple[str, str, float, float]]:
        """What the length is made of, the most first: name, component, seconds, percent."""
        found: dict[tuple[str, str], float] = {}
        for node in self.tree.nodes.values():
            if took := node.critical_seconds:
                key = (node.step.name, node.step.component)
                found[key] = found.get(key, 0.0) + took
        total = (self.tree.end - self.tree.begin) or 1.0
        told = sorted(found.items(), key=lambda one: -one[1])[:MOST_TOLD]
        return [(name, component, took, 100 * took / total) for (name, component), took in told]


def opened(trace: Whole) -> Opened:
    """One query."""
    tree = planted(steps_of(trace))
    moved = straightened(tree.roots)
    return Opened(trace, tree, moved, mark(tree.roots))

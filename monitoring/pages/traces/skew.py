"""Clocks of two hosts never agree. A step cannot begin before the one that asked for it: where it seems to, the clock
of its process was behind, and everything that process did for it is drawn that much later.

Ends are left alone: a task may well go on after whoever published it is done.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.pages.traces.tree import Node


def straightened(roots: Iterable[Node]) -> dict[str, float]:
    """Moves the nodes; returns the seconds by which each process's steps were moved at most."""
    moved: dict[str, float] = {}
    stack = [(root, 0.0) for root in roots]
    while stack:
        node, by = stack.pop()
        if by:
            node.begin, node.end = node.begin + by, node.end + by
            moved[node.step.instance] = max(moved.get(node.step.instance, 0.0), by)
        stack.extend((child, _behind(child, node, by)) for child in node.children)
    return moved


def _behind(child: Node, parent: Node, by: float) -> float:
    least = by if child.step.instance == parent.step.instance else 0.0
    return max(parent.begin - child.begin, least)

"""Which steps a trace's length is made of: made shorter, they make the whole shorter.

Walked back from the end: of a step's children the one that finished last is what it waited for; before that one began,
the one that had finished last by then; and so on, in each of them likewise. What none of them covers is the step's own.
One that still ran was not waited for. A child that outlives its parent (a task, whoever published it) counts with all
that comes of it: there nobody waits for anybody, so one that still ran counts up to then, and what is left is waiting.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.pages.traces.tree import Node

# Times are kept to the microsecond: siblings that follow each other may seem to overlap by one.
CLOSE = 2e-6


def mark(roots: Iterable[Node]) -> float:
    """Notes on each node the stretches in which it was what the trace waited for; returns the seconds of waiting.

    Stretches never overlap; together with the waiting they are as long as the trace.
    """
    roots = list(roots)
    if not roots:
        return 0.0
    reach = _reaches(roots)
    waiting, begin = 0.0, min(root.begin for root in roots)
    stack: list[tuple[Node | None, float, float, bool]] = [(None, begin, max(reach[id(root)] for root in roots), False)]
    while stack:
        node, floor, cursor, running = stack.pop()
        own_end = node.end if node else floor
        for child in sorted(node.children if node else roots, key=lambda child: reach[id(child)], reverse=True):
            end = min(reach[id(child)], cursor)
            overlaps = reach[id(child)] > cursor + CLOSE
            if (overlaps and not (running or cursor > own_end + CLOSE)) or end <= floor or child.begin >= end:
                continue
            waiting += _own(node, end, cursor)
            cursor, running = max(child.begin, floor), False
            stack.append((child, cursor, end, overlaps))
        waiting += _own(node, floor, cursor)
    return waiting


def _reaches(roots: list[Node]) -> dict[int, float]:
    """When the last of each node and all below it was done."""
    order, stack = [], list(roots)
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(node.children)
    reach: dict[int, float] = {}
    for node in reversed(order):
        reach[id(node)] = max([node.end, *(reach[id(child)] for child in node.children)])
    return reach


def _own(node: Node | None, begin: float, end: float) -> float:
    """Gives the node what of the stretch it was running in; returns the rest."""
    if end <= begin:
        return 0.0
    if node is None:
        return end - begin
    mine = (max(begin, node.begin), min(end, node.end))
    if mine[1] <= mine[0]:
        return end - begin
    node.critical.append(mine)
    return (end - begin) - (mine[1] - mine[0])

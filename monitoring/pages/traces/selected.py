"""The steps that a row of a waterfall stands for, when it is opened: similar siblings, a rest, or what is below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from monitoring.pages.traces.layout import SIMILAR
from monitoring.pages.traces.tree import Node, Tree, above

A_TIME = 100


class Selected(NamedTuple):
    """`apart`: each has a row of its own. `following`: the query that goes on behind them, and for how many steps."""

    nodes: list[Node]
    depth: int
    apart: bool = False
    following: str = ""
    left: int = 0


def selected(tree: Tree, asked: Mapping[str, str], pinned: Collection[Node]) -> Selected | None:
    """As a row's `more` asks; None where nothing of the kind is asked, or it is not there. `pinned`: never put away."""
    if "of" not in asked:
        return None
    parent = tree.nodes.get(asked["of"])
    siblings = sorted(parent.children if parent else tree.roots, key=lambda node: (node.begin, -node.end))
    depth = sum(1 for _ in above(parent)) + 1 if parent else 0
    if asked["of"] and parent is None:
        return None
    if "name" in asked:
        return _similar(siblings, asked, depth, pinned)
    if "from" in asked:
        return Selected(_rest(siblings, asked["from"], pinned), depth)
    return Selected(siblings, depth)


def _similar(siblings: list[Node], asked: Mapping[str, str], depth: int, pinned: Collection[Node]) -> Selected:
    alike = (asked["name"], asked.get("component", ""))
    found = [node for node in siblings if _sort(node) == alike and node not in pinned]
    start = int(asked.get("start", "")) if asked.get("start", "").isdecimal() and len(asked["start"]) < 9 else 0
    shown, left = found[start : start + A_TIME], len(found) - start - A_TIME
    if left <= 0:
        return Selected(shown, depth, apart=True)
    following = {"of": asked["of"], "name": alike[0], "component": alike[1], "start": start + A_TIME}
    return Selected(shown, depth, True, urlencode(following), left)


def _rest(siblings: list[Node], first: str, pinned: Collection[Node]) -> list[Node]:
    """From that one on; without those that are in a row of similar ones further up."""
    place = next((at for at, node in enumerate(siblings) if node.step.span_id == first), len(siblings))
    everywhere = Counter(map(_sort, siblings))
    told = {sort for sort in map(_sort, siblings[:place]) if everywhere[sort] >= SIMILAR}
    return [node for node in siblings[place:] if _sort(node) not in told and node not in pinned]


def _sort(node: Node) -> tuple[str, str]:
    return node.step.name, node.step.component

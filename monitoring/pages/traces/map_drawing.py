"""The service map as a drawing: visitors on the left, the site's processes, and what they ask on the right. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitoring.pages.traces.edges import VISITORS, Edge

WIDE, NODE_WIDE, NODE_HIGH, STEP, TOP = 980, 132, 48, 104, 20
LABEL_WIDE, LABEL_HIGH = 142, 34
COLUMNS = (
    (VISITORS,),
    ("web", "worker", "scheduler", "consumer", "command"),
    ("database", "storage", "queue", "model"),
)
LEFTS = (10, 330, WIDE - NODE_WIDE - 10)
# Along the curve, from its middle: the first place where a label lies on no other.
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72, 0.22, 0.78, 0.18, 0.82)

Point = tuple[float, float]


class Box(NamedTuple):
    left: float
    top: float
    wide: float
    high: float

    def on(self, other: Box) -> bool:
        apart = self.left + self.wide <= other.left or other.left + other.wide <= self.left
        return not (apart or self.top + self.high <= other.top or other.top + other.high <= self.top)

    @property
    def middle(self) -> Point:
        return self.left + self.wide / 2, self.top + self.high / 2


class Line(NamedTuple):
    edge: Edge
    path: str
    label: Box


class Drawing(NamedTuple):
    wide: int
    high: int
    nodes: dict[str, Box]
    lines: list[Line]


def drawing(edges: Sequence[Edge]) -> Drawing:
    """Only the nodes that an edge touches; each label in a place of its own."""
    there = {end for edge in edges for end in (edge.source, edge.target)}
    columns = [[name for name in column if name in there] for column in COLUMNS]
    rows = max((len(column) for column in columns), default=0) or 1
    nodes = {}
    for left, column in zip(LEFTS, columns, strict=True):
        above = (rows - len(column)) * STEP / 2
        for number, name in enumerate(column):
            nodes[name] = Box(left, TOP + above + number * STEP, NODE_WIDE, NODE_HIGH)
    return Drawing(WIDE, int(2 * TOP + (rows - 1) * STEP + NODE_HIGH), nodes, _lines(edges, nodes))


def _lines(edges: Sequence[Edge], nodes: dict[str, Box]) -> list[Line]:
    taken = list(nodes.values())
    lines = []
    for edge in edges:
        if edge.source in nodes and edge.target in nodes:
            curve = _curve(edge, nodes)
            label = _label(curve, taken)
            taken.append(label)
            lines.append(Line(edge, _written(curve), label))
    return lines


def _curve(edge: Edge, nodes: dict[str, Box]) -> tuple[Point, Point, Point, Point]:
    """From side to side; what goes back to the left leaves lower and comes in lower."""
    source, target = nodes[edge.source], nodes[edge.target]
    back = source.left > target.left
    low = 12 if back else -6
    start = (source.left if back else source.left + source.wide, source.middle[1] + low)
    end = (target.left + target.wide if back else target.left, target.middle[1] + low)
    bend = 0.45 * (end[0] - start[0])
    return start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end


def _label(curve: tuple[Point, Point, Point, Point], taken: Sequence[Box]) -> Box:
    boxes = [_around(_at(curve, place)) for place in PLACES]
    return next((box for box in boxes if not any(box.on(other) for other in taken)), boxes[0])


def _around(point: Point) -> Box:
    return Box(point[0] - LABEL_WIDE / 2, point[1] - LABEL_HIGH / 2, LABEL_WIDE, LABEL_HIGH)


def _at(curve: tuple[Point, Point, Point, Point], t: float) -> Point:
    shares = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return (
        sum(share * point[0] for share, point in zip(shares, curve, strict=True)),
        sum(share * point[1] for share, point in zip(shares, curve, strict=True)),
    )


def _written(curve: tuple[Point, Point, Point, Point]) -> str:
    start, *rest = (f"{x:.1f} {y:.1f}" for x, y in curve)
    return f"M {start} C {', '.join(rest)}"

"""The service map as a drawing: visitors on the left, the site's processes, and what they ask on the right. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitoring.pages.traces.edges import VISITORS, Edge

WIDE, NODE_WIDE, NODE_HIGH, STEP, TOP = 1120, 132, 48, 124, 20
LABEL_WIDE, FAILING_WIDE, LABEL_HIGH = 88, 142, 34
COLUMNS = (
    (VISITORS,),
    ("web", "worker", "scheduler", "consumer", "command"),
    ("database", "storage", "queue", "model"),
)
LEFTS = (10, 350, WIDE - NODE_WIDE - 10)
# Along the curve, from its middle: where a label may lie.
PLACES = sorted((number / 40 for number in range(4, 37)), key=lambda place: abs(place - 0.5))

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]


class Box(NamedTuple):
    left: float
    top: float
    wide: float
    high: float

    def shared(self, other: Box) -> float:
        """The area that both cover."""
        across = min(self.left + self.wide, other.left + other.wide) - max(self.left, other.left)
        down = min(self.top + self.high, other.top + other.high) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.left + self.wide and self.top <= point[1] <= self.top + self.high

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
    drawn = [edge for edge in edges if edge.source in nodes and edge.target in nodes]
    curves = [_curve(edge, drawn, nodes) for edge in drawn]
    taken, lines = list(nodes.values()), []
    # Those with the widest labels first: they find room least easily.
    for edge, curve in sorted(zip(drawn, curves, strict=True), key=lambda one: not one[0].errors):
        others = [_at(other, place) for other in curves if other is not curve for place in PLACES]
        label = _label(curve, FAILING_WIDE if edge.errors else LABEL_WIDE, taken, others)
        taken.append(label)
        lines.append(Line(edge, _written(curve), label))
    return lines


def _curve(edge: Edge, edges: Sequence[Edge], nodes: dict[str, Box]) -> Curve:
    """From side to side; each leaves and comes in at a place of its own."""
    source, target = nodes[edge.source], nodes[edge.target]
    back = source.left > target.left
    start = (source.left if back else source.left + source.wide, _port(edge.source, edge, edges, nodes))
    end = (target.left + target.wide if back else target.left, _port(edge.target, edge, edges, nodes))
    bend = 0.45 * (end[0] - start[0])
    return start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end


def _port(name: str, edge: Edge, edges: Sequence[Edge], nodes: dict[str, Box]) -> float:
    """How high an edge meets a node: the edges of a side in the order of where they lead, so that they do not cross."""

    def far(one: Edge) -> Box:
        return nodes[one.target if one.source == name else one.source]

    box = nodes[name]
    side = [one for one in edges if name in (one.source, one.target)]
    side = [one for one in side if (far(one).left > box.left) == (far(edge).left > box.left)]
    side.sort(key=lambda one: (far(one).top, one.source == name))
    return box.top + box.high * (side.index(edge) + 1) / (len(side) + 1)


def _label(curve: Curve, wide: float, taken: Sequence[Box], others: Sequence[Point]) -> Box:
    """Where it covers no label, and least of other edges, so that it is plain whose it is; the first of such places."""
    boxes = [_around(_at(curve, place), wide) for place in PLACES]
    return min(boxes, key=lambda box: (sum(box.shared(one) for one in taken), sum(box.holds(one) for one in others)))


def _around(point: Point, wide: float) -> Box:
    return Box(point[0] - wide / 2, point[1] - LABEL_HIGH / 2, wide, LABEL_HIGH)


def _at(curve: Curve, t: float) -> Point:
    shares = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return (
        sum(share * point[0] for share, point in zip(shares, curve, strict=True)),
        sum(share * point[1] for share, point in zip(shares, curve, strict=True)),
    )


def _written(curve: Curve) -> str:
    start, *rest = (f"{x:.1f} {y:.1f}" for x, y in curve)
    return f"M {start} C {', '.join(rest)}"

"""A trace drawn: its rows, each with its bar's place, as shares of what is shown. No queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

from monitoring.pages.traces.layout import Row
from monitoring.pages.traces.shares import LABELS
from monitoring.pages.traces.tree import Node

THINNEST = 0.25  # % of the width: a bar that can be seen
FINEST = 200  # parts of the width: so many stretches at most
TICKS = 5


class Window(NamedTuple):
    """What time the width stands for."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return max(self.end - self.begin, 1e-6)

    def share(self, moment: float) -> float:
        return min(max(100 * (moment - self.begin) / self.seconds, 0.0), 100.0)

    def bar(self, begin: float, end: float) -> tuple[float, float]:
        """Where it begins and how wide it is, in percent; never out of the window."""
        left = min(self.share(begin), 100 - THINNEST)
        return left, min(max(self.share(end) - left, THINNEST), 100 - left)

    @property
    def ticks(self) -> list[tuple[float, float]]:
        return [(100 * number / TICKS, self.seconds * number / TICKS) for number in range(TICKS + 1)]


@dataclass(frozen=True)
class Drawn:
    """What the template shows of a row."""

    row: Row
    left: float
    width: float
    stretches: list[tuple[float, float]]
    dim: bool
    open: bool
    more: str  # the query that shows what has no row of its own
    closing: SafeString
    component: str

    @property
    def after(self) -> float:
        """Where its figure stands: behind the bar, or before one that ends at the right."""
        return self.left + self.width

    @property
    def from_right(self) -> float:
        return 100 - self.left


def window(nodes: Sequence[Node], ends: Sequence[float]) -> Window:
    return Window(min((node.begin for node in nodes), default=0.0), max(ends, default=0.0))


def drawn(rows: Sequence[Row], over: Window, wanted: Collection[Node] | None, levels: int) -> list[Drawn]:
    """`levels`: rows below that many are folded away, unless they lead to what was asked for."""
    return [_drawn(row, over, wanted, levels) for row in rows]


def _drawn(row: Row, over: Window, wanted: Collection[Node] | None, levels: int) -> Drawn:
    left, width = over.bar(row.begin, row.end)
    return Drawn(
        row, left, width,
        _stretches(row, over),
        wanted is not None and not any(node in wanted for node in row.nodes),
        row.opens and row.depth + 1 < levels,
        _more(row),
        mark_safe("</div></details>" * row.closes),  # noqa: S308 - markup of our own, times a number
        LABELS.get(row.node.step.component, row.node.step.component),
    )  # fmt: skip


def _stretches(row: Row, over: Window) -> list[tuple[float, float]]:
    """Those that would be drawn without a gap between them are one."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted(stretch for node in row.nodes for stretch in node.critical):
        if found and begin - found[-1][1] < over.seconds / FINEST:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return [over.bar(begin, end) for begin, end in found]


def _more(row: Row) -> str:
    """What asks for the rows that this one stands for."""
    of = row.parent.step.span_id if row.parent else ""
    if row.run:
        return urlencode({"of": of, "name": row.node.step.name, "component": row.node.step.component})
    if row.rest:
        return urlencode({"of": of, "from": f"{row.node.step.span_id}"})
    return urlencode({"of": row.node.step.span_id}) if row.hidden else ""

"""A trace beside others of its kind: what took longer than it usually does, by the names of the steps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from monitoring.pages.traces.tree import Step, own_seconds, planted

SLOWER = 1.5  # times the median, and so much of the whole difference that it matters
MATTERS = 0.02


class Spent(NamedTuple):
    """By steps of one name: how long they ran themselves (not what they called), and how many they were."""

    seconds: float
    steps: int


Sort = tuple[str, str]


class Compared(NamedTuple):
    name: str
    component: str
    ours: Spent
    usual: Spent
    slower: bool

    @property
    def more(self) -> float:
        return self.ours.seconds - self.usual.seconds

    @property
    def less(self) -> float:
        return -self.more


def spent(steps: Iterable[Step]) -> dict[Sort, Spent]:
    found: dict[Sort, Spent] = {}
    for node in planted(steps).nodes.values():
        sort = (node.step.name, node.step.component)
        seconds, number = found.get(sort, Spent(0.0, 0))
        found[sort] = Spent(seconds + own_seconds(node), number + 1)
    return found


def compared(ours: dict[Sort, Spent], others: Sequence[dict[Sort, Spent]]) -> list[Compared]:
    """What is slower first, by how much it is. A step that another trace has none of counts there as nothing."""
    rows = []
    total = sum(one.seconds for one in ours.values())
    for sort in {*ours, *(sort for other in others for sort in other)}:
        mine, usual = ours.get(sort, Spent(0.0, 0)), _median([other.get(sort, Spent(0.0, 0)) for other in others])
        more = mine.seconds - usual.seconds
        slower = more > MATTERS * total and mine.seconds > SLOWER * usual.seconds
        rows.append(Compared(*sort, mine, usual, slower))
    return sorted(rows, key=lambda row: (-row.more, row.name))


def _median(found: Sequence[Spent]) -> Spent:
    if not found:
        return Spent(0.0, 0)
    return Spent(median(one.seconds for one in found), round(median(one.steps for one in found)))

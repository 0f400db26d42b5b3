"""Trees for the tests of traces, written short: `("a", 0, 10, [("b", 1, 4)])`."""

from __future__ import annotations

import random
from typing import Any

from monitoring.pages.traces.tree import Step, Tree, planted


def step(name: str, begin: float, end: float, parent: str | None = None, **more: Any) -> Step:
    said = {"component": "worker", "caller": "worker", "kind": "internal", "instance": "host/worker/1", **more}
    return Step(span_id=said.pop("span_id", name), parent_id=parent, name=name, begin=begin, end=end, **said)


def tree(*written: Any) -> Tree:
    return planted(_steps(written, None))


def _steps(written: Any, parent: str | None) -> list[Step]:
    found = []
    for name, begin, end, *more in written:
        found.append(step(name, begin, end, parent))
        found += _steps(more[0], name) if more else []
    return found


def a_random_tree(seed: int, size: int = 60) -> Tree:
    """Roots, orphans, circles, steps that outlive their parents or have no length: whatever is kept."""
    dice = random.Random(seed)
    found = []
    for number in range(dice.randint(1, size)):
        begin = dice.choice([dice.randint(0, 40), dice.random() * 40])
        parent = dice.choice([None, "gone", *map(str, range(size))]) if number else None
        found.append(step(str(number), begin, begin + dice.choice([0, 1, 5, dice.random() * 20]), parent,
                          instance=dice.choice(["one", "two"])))  # fmt: skip
    dice.shuffle(found)
    return planted(found)

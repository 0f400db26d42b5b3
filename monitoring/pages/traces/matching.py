"""Which steps of a trace a reader wants to see: the long ones, the failed ones, those with a word in their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from monitoring.pages.traces.tree import Node, Tree, above, below

DEPTHS = {"1": 1, "2": 2, "3": 3, "all": 99}


class Chosen(NamedTuple):
    """`least`: milliseconds. `under`: only this step and what is below it. `levels`: how many are open at first."""

    least: float = 0.0
    text: str = ""
    errors: bool = False
    under: str = ""
    levels: str = "all"

    @property
    def filters(self) -> bool:
        return bool(self.least or self.text or self.errors)

    @property
    def parameters(self) -> dict[str, str]:
        said = {
            "least": f"{self.least:g}" if self.least else "", "text": self.text, "errors": "1" if self.errors else "",
            "under": self.under, "levels": self.levels if self.levels != "all" else "",
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    def address(self, **more: str) -> str:
        return "?" + urlencode({name: value for name, value in (self.parameters | more).items() if value})


def chosen(asked: Mapping[str, str]) -> Chosen:
    try:
        least = float(asked.get("least", "") or 0)
    except ValueError:
        least = 0.0
    return Chosen(
        least if 0 < least < 1e12 else 0.0,
        asked.get("text", "").strip()[:200],
        asked.get("errors", "") not in ("", "0"),
        asked.get("under", "")[:16],
        asked.get("levels", "") if asked.get("levels") in DEPTHS else "all",
    )


def matching(tree: Tree, choice: Chosen) -> set[Node] | None:
    """Those that are wanted; None where all are."""
    if not choice.filters:
        return None
    word, least = choice.text.casefold(), choice.least / 1000
    return {
        node
        for node in tree.nodes.values()
        if node.seconds >= least
        and (node.step.failed or not choice.errors)
        and (not word or word in node.step.name.casefold() or word == node.step.span_id)
    }


def with_the_way(wanted: set[Node] | None) -> set[Node] | None:
    if wanted is None:
        return None
    return wanted | {parent for node in wanted for parent in above(node)}


def tops(tree: Tree, choice: Chosen) -> list[Node]:
    """Where the waterfall begins: at a step, or at all roots."""
    return [tree.nodes[choice.under]] if choice.under in tree.nodes else tree.roots


def count_below(tops: list[Node]) -> int:
    return sum(1 for top in tops for _ in below(top))

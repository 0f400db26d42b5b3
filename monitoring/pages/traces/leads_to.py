"""Where a trace leads: pages of other apps about what it worked for. An app that has such pages registers a maker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Link(NamedTuple):
    label: str
    text: str
    url: str


# Given who asks, the trace's id and its job's number; only what that person may see.
Maker = Callable[[Any, str, int | None], Iterable[Link]]

_makers: dict[str, Maker] = {}


def register(name: str, maker: Maker) -> None:
    """`maker` is asked each time a trace is shown: a query by an index or two."""
    _makers[name] = maker


def leads_to(user: Any, trace_id: str, job_id: int | None) -> list[Link]:
    return [link for maker in _makers.values() for link in maker(user, trace_id, job_id)]

"""Which traces belong to what other apps keep: a job, an image, a transaction. They register how to find them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

MOST = 200  # ids that one finder may name


class Found(NamedTuple):
    """`what` it is, in a word; the traces it carries, and the jobs whose traces are meant."""

    what: str
    trace_ids: tuple[str, ...] = ()
    job_ids: tuple[int, ...] = ()


# Given who asks and what was typed; None for what it does not know, or what that person may not see.
Finder = Callable[[Any, str], Found | None]

_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """`finder` is a query by an index or two."""
    _finders[name] = finder


def names() -> list[str]:
    """For the search box: what can be typed besides a trace."""
    return list(_finders)


def found_by(user: Any, text: str, only: str = "") -> list[Found]:
    """All that anybody knows by this text; `only` one of the registered names, where that is what it must be."""
    asked = [finder for name, finder in _finders.items() if only in ("", name)]
    return [found for finder in asked if (found := finder(user, text))]

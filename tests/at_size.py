"""Many rows for all tests of a module: made once and committed, so that they are vacuumed as any night leaves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pytest_django import DjangoDbBlocker

from tests.emptying import empty_database


@contextmanager
def standing(blocker: DjangoDbBlocker, build: Callable[[], object]) -> Iterator[None]:
    """What `build` makes of empty tables stands until the last test of the module; each test rolls its own back.

    Within a test's transaction nothing can be vacuumed: rows that earlier tests rolled back, and what waits in a GIN
    index to be sorted in, would be part of what the planner reckons with, this time more and that time less.
    """
    with blocker.unblock():
        build()
    yield
    with blocker.unblock():
        empty_database()

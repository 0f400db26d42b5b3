"""Renditions being made, for tests: from end to end, killed at any call of storage, and a minute later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.images.make_renditions import make_renditions
from catalog.images.remove_leftovers import remove_leftovers
from catalog.models import Leftover, ProductImage
from storage.filesystem import RangedFileStorage
from tests.pictures import keys

FILES = {"large.webp", "medium.webp", "medium.jpg", "thumbnail.webp"}


class Killed(BaseException):
    """As SIGKILL does it: nothing behind it runs."""


def files() -> set[str]:
    return {key.rpartition("/")[2] for key in keys()}


def work(image: int) -> None:
    """A worker's two tasks, one behind the other."""
    make_renditions(image)
    remove_leftovers()


def a_minute_later() -> None:
    """Leases and rests are over."""
    past = timezone.now() - timedelta(minutes=2)
    ProductImage.objects.exclude(leased_until=None).update(leased_until=past)
    ProductImage.objects.update(woken_at=past)
    Leftover.objects.exclude(tried_at=None).update(tried_at=past)


@contextmanager
def killed_at(call: int) -> Iterator[list[str]]:
    """Storage's so-manieth call from now on is the last thing that happens: before it is done, or right behind it."""
    calls: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for verb in ("stat", "put", "remove"):
            patch.setattr(RangedFileStorage, verb, _counting(getattr(RangedFileStorage, verb), verb, calls, call))
        yield calls


def _counting(real: Callable[..., Any], verb: str, calls: list[str], call: int) -> Callable[..., Any]:
    def counted(*arguments: Any) -> Any:
        calls.append(verb)
        if len(calls) == call:
            real(*arguments)
            raise Killed(verb)
        return real(*arguments)

    return counted

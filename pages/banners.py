"""What a person has to know first, and what to do next; an app that has such a thing for the home page registers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.http import HttpRequest


class Banner(NamedTuple):
    tone: str
    title: str
    text: str
    url: str = ""
    link: str = ""


Teller = Callable[[HttpRequest], Iterable[Banner]]

_tellers: dict[str, Teller] = {}


def register(name: str, teller: Teller) -> None:
    """`teller` is asked each time the home page is shown: a query or two, and nothing for whoever may not see it."""
    _tellers[name] = teller


def of_home(request: HttpRequest) -> list[Banner]:
    return [banner for teller in _tellers.values() for banner in teller(request)]

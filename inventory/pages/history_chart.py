"""Balances over time as Chart.js takes them, in steps, through django-unfold's chart component; and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from inventory.models import Location
from pages import chart as look

# Told apart on light and dark, and by people who see no red or green; more locations than these are chosen singly.
COLORS = ("#4f63d8", "#2f9e62", "#d9822b", "#a06bd6", "#d6453d", "#1798a6", "#8b93a7", "#b0722a")
Lines = Mapping[Location, list[tuple[datetime, int]]]


def _options() -> str:
    """The look of all charts, but for lines that are not piled up."""
    options: dict[str, Any] = json.loads(look.OPTIONS)
    for axis in options["scales"].values():
        axis["stacked"] = False
    options["plugins"]["legend"]["labels"]["usePointStyle"] = False
    return json.dumps(options)


OPTIONS = _options()


class Change(NamedTuple):
    at: datetime
    location: Location
    was: int
    now: int


def chart(lines: Lines, days: int) -> str:
    """'' where there is nothing to draw."""
    if not lines:
        return ""
    moments = [at for at, _ in next(iter(lines.values()))]
    written = "j M, H:i" if days <= 7 else "j M"
    return json.dumps(
        {
            "labels": [date_format(timezone.localtime(at), written) for at in moments],
            "datasets": [
                _line(location.code, [pieces for _, pieces in points], COLORS[number % len(COLORS)])
                for number, (location, points) in enumerate(lines.items())
            ],
        }
    )


def changes(lines: Lines) -> list[Change]:
    """The steps of the chart, the newest first, for whoever reads figures."""
    found = [
        Change(at, location, was, now)
        for location, points in lines.items()
        for (_, was), (at, now) in pairwise(points)
        if was != now
    ]
    return sorted(found, key=lambda change: (change.at, change.location.code), reverse=True)


def _line(label: str, data: list[int], color: str) -> dict[str, Any]:
    return {
        "label": label, "data": data, "borderColor": color, "backgroundColor": color, "stepped": "before",
        "borderWidth": 2, "pointRadius": 0, "pointHitRadius": 8, "displayYAxis": True,
    }  # fmt: skip

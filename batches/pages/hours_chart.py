"""Lines per hour as Chart.js takes it, through django-unfold's chart component; the page has a table of them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def chart(hours: Mapping[datetime, tuple[int, int, int]]) -> str:
    """Inserted and dead, stacked, of (read, inserted, dead) by hour."""
    return json.dumps(
        {
            "labels": [f"{at:%H}:00" for at in hours],
            "datasets": [
                _series("Inserted", [inserted for _, inserted, _ in hours.values()], "var(--ns-inserted)"),
                _series("Dead", [dead for _, _, dead in hours.values()], "var(--ns-dead)"),
            ],
        }
    )


def _series(label: str, data: list[int], color: str) -> dict[str, Any]:
    return {"label": label, "data": data, "backgroundColor": color, "maxBarThickness": 26, "borderRadius": 3}

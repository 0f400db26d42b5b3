"""How charts look: options for Chart.js, through django-unfold's chart component."""

from __future__ import annotations

import json

GREY = "#8b90a0"  # readable on light and dark alike: Chart.js does not follow a change of the theme

OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {"display": True, "align": "end", "labels": {"boxWidth": 10, "boxHeight": 10, "color": GREY}}
        },
        "scales": {
            "x": {
                "stacked": True,
                "grid": {"display": False},
                "ticks": {"color": GREY, "maxRotation": 0, "autoSkipPadding": 16},
            },
            "y": {
                "stacked": True,
                "beginAtZero": True,
                "border": {"display": False},
                "grid": {"color": "rgba(139,144,160,.18)"},
                "ticks": {"color": GREY, "precision": 0, "maxTicksLimit": 5},
            },
        },
    }
)

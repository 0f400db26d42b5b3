"""The dashboard in CloudWatch: what the admin's home shows, from the metrics that are published."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

WIDTH, HEIGHT, COLUMNS = 8, 6, 3
Line = list[Any]


def dashboard_name() -> str:
    """AWS: letters, digits, dashes and underscores."""
    return "Nightshelf-" + re.sub(r"[^A-Za-z0-9_-]", "-", str(settings.CLOUDWATCH_NAMESPACE))


def dashboard_body(region: str) -> dict[str, Any]:
    """A widget for each question, three in a row."""
    charts = [
        ("Lines", "Sum", [_line("BatchResult/SuccessCount"), _line("BatchResult/FailureCount")]),
        ("Failures, % of lines", "Sum", _share("BatchResult/SuccessCount", "BatchResult/FailureCount")),
        ("Dead letters", "Maximum", [_line("BatchResult/DLQDepth"), _line("BatchResult/OpenLetters")]),
        ("Processing time of files, ms", "p99", _percentiles("BatchResult/ProcessingTime")),
        ("Requests, ms", "p99", _percentiles("Http/RequestTime")),
        ("Requests failed", "Sum", [_line("Http/RequestFailureCount")]),
        ("Queues: messages", "Maximum", [_line("Queue/Depth")]),
        ("Queues: age of the oldest, s", "Maximum", [_line("Queue/Age")]),
        ("Workers alive", "Minimum", [_line("Workers/Alive")]),
        ("Database connections", "Maximum", [_line("Database/Connections")]),
        ("Memory of processes, the largest", "Maximum", [_line("Process/Memory")]),
        ("Disk, %", "Maximum", [_line("Disk/Used")]),
    ]
    return {"widgets": [_widget(number, region, *chart) for number, chart in enumerate(charts)]}


def _widget(number: int, region: str, title: str, statistic: str, lines: list[Line]) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": number % COLUMNS * WIDTH, "y": number // COLUMNS * HEIGHT, "width": WIDTH, "height": HEIGHT,
        "properties": {
            "title": title, "view": "timeSeries", "region": region, "period": 60, "stat": statistic, "metrics": lines,
        },
    }  # fmt: skip


def _line(name: str, **options: Any) -> Line:
    line: Line = [settings.CLOUDWATCH_NAMESPACE, name]
    return [*line, options] if options else line


def _percentiles(name: str) -> list[Line]:
    return [_line(name, stat=statistic) for statistic in ("p50", "p95", "p99")]


def _share(succeeded: str, failed: str) -> list[Line]:
    share = {"expression": "100 * failed / (succeeded + failed)", "label": "% failed", "id": "share"}
    hidden = [_line(succeeded, id="succeeded", visible=False), _line(failed, id="failed", visible=False)]
    return [[share], *hidden]

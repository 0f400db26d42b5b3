"""What figures should be like (Y14, Y12 and G): lines on charts, and the colour of a figure."""

from __future__ import annotations

from pages.time_chart import Target

MOST_FAILURES = 5.0  # %, of lines, requests and task runs alike
P95_SECONDS, P99_SECONDS = 10.0, 60.0  # of a chunk
MOST_CONNECTIONS = 45.0

AT_MOST: dict[tuple[str, str], float] = {
    ("batch.lines", "failure_rate"): MOST_FAILURES,
    ("http.request", "failure_rate"): MOST_FAILURES,
    ("task.run", "failure_rate"): MOST_FAILURES,
    ("batch.chunk", "p95"): P95_SECONDS,
    ("batch.chunk", "p99"): P99_SECONDS,
    ("database.connections", "most"): MOST_CONNECTIONS,
    ("database.connections", "average"): MOST_CONNECTIONS,
}


def lines(metric: str, statistic: str, label: str = "At most") -> list[Target]:
    limit = AT_MOST.get((metric, statistic))
    return [] if limit is None else [Target(label, limit)]


def tone(metric: str, statistic: str, value: float | None) -> str:
    """'bad' above its limit, else 'none'."""
    limit = AT_MOST.get((metric, statistic))
    return "bad" if limit is not None and value is not None and value > limit else "none"

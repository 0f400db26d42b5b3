"""The rules Nightshelf comes with: Y12's three, G's four, and what else nobody should learn from a customer.

Made at `migrate` where one is not there yet, known by `shipped`; what a person has changed in one stays as it is. One
that is not wanted is disabled: it cannot be deleted, so that it does not come back.
"""

from __future__ import annotations

from typing import Any

from monitoring.alarms.words import Comparison, MissingData, Severity

SHARE = "100 * errors(a) / count(a)"
OF_TIME: dict[str, Any] = {"period": 300, "datapoints_to_alarm": 2, "evaluation_periods": 2}
# Nothing read or asked for is no failure: the figure exists only while there is work.
SHARE_OF: dict[str, Any] = {
    **OF_TIME, "statistic": "errors", "expression": SHARE, "unit": "%", "missing_data": MissingData.NOT_BREACHING,
}  # fmt: skip
LEVEL: dict[str, Any] = {**OF_TIME, "statistic": "maximum"}

RULES: dict[str, dict[str, Any]] = {
    # Y12
    "lines-failing": {
        **SHARE_OF, "name": "Lines fail: more than 5 %", "metric": "batch.lines", "threshold": 5,
        "severity": Severity.WARNING,
        "description": "Open Problems: the first one has most of them. A rule and a redrive put many right at once.",
    },
    "processing-slow": {
        **OF_TIME, "name": "Files take long: p99 over 60 s", "metric": "batch.file", "statistic": "p99",
        "threshold": 60, "severity": Severity.WARNING, "missing_data": MissingData.NOT_BREACHING,
        "description": "Open the job that runs longest, and its slowest chunk. Are all workers alive, is the database"
        " busy, is storage slow?",
    },
    "dead-letters": {
        **LEVEL, "name": "Dead letters wait", "metric": "dlq.depth", "threshold": 0, "period": 60,
        "datapoints_to_alarm": 1, "evaluation_periods": 1, "severity": Severity.WARNING,
        "description": "Open Problems, find the cause, then redrive the letters or discard them with a reason.",
    },
    # G
    "api-errors": {
        **SHARE_OF, "name": "Requests fail: 5xx over 5 %", "metric": "http.request", "threshold": 5,
        "severity": Severity.CRITICAL,
        "description": "See which route fails, and one of its traces. After a deployment: roll it back.",
    },
    "worker-errors": {
        **SHARE_OF, "name": "Tasks fail: over 5 %", "metric": "task.run", "threshold": 5,
        "severity": Severity.CRITICAL,
        "description": "See which task fails, and its traceback in the logs. No work is lost: it is tried again.",
    },
    "database-connections": {
        **LEVEL, "name": "Database connections: over 45", "metric": "database.connections", "threshold": 45,
        "severity": Severity.WARNING,
        "description": "Count processes and threads against the server's limit; look for sessions idle in transaction.",
    },
    "failure-rate": {
        **SHARE_OF, "name": "Lines fail: more than 10 %", "metric": "batch.lines", "threshold": 10,
        "severity": Severity.CRITICAL,
        "description": "The model's answers have probably changed their shape. Open Problems; stop the next batch if it"
        " goes on.",
    },
    # What carries the rest.
    "queue-stalled": {
        **LEVEL, "name": "A queue stands still", "metric": "queue.age", "threshold": 600, "severity": Severity.CRITICAL,
        "description": "Its oldest message has waited for ten minutes. Are workers alive, and is the broker reachable?",
    },
    "no-worker": {
        **LEVEL, "name": "No worker is alive", "metric": "workers.alive", "threshold": 1, "period": 60,
        "datapoints_to_alarm": 3, "evaluation_periods": 3, "comparison": Comparison.LESS,
        "severity": Severity.CRITICAL,
        "description": "Start one: celery -A config worker. What waits is worked on as soon as it runs; nothing is"
        " lost.",
    },
    "disk-full": {
        **LEVEL, "name": "Disk: over 90 % full", "metric": "disk.used", "threshold": 90, "severity": Severity.CRITICAL,
        "description": "Make room before uploads and temporary files have none: old exports, logs, the storage folder.",
    },
    "telemetry-lost": {
        **OF_TIME, "name": "Figures are lost", "metric": "telemetry.lost", "statistic": "sum", "threshold": 0,
        "datapoints_to_alarm": 1, "evaluation_periods": 1, "missing_data": MissingData.NOT_BREACHING,
        "severity": Severity.WARNING,
        "description": "Charts and alarms of these minutes show too little. Was the database away, or is it too slow?",
    },
}  # fmt: skip


def make_shipped_rules(using: str = "default", **_: Any) -> None:
    """Receiver of post_migrate. A name that a person has given to a rule of theirs is theirs: ours is left out."""
    from monitoring.models import AlarmRule

    rules = AlarmRule.objects.using(using)
    there = set(rules.exclude(shipped=None).values_list("shipped", flat=True))
    new = [AlarmRule(shipped=key, **told) for key, told in RULES.items() if key not in there]
    rules.bulk_create(new, ignore_conflicts=True)

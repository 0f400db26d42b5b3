"""The words of an alarm, as CloudWatch writes them: a rule here and its alarm there say the same."""

from __future__ import annotations

import operator
from collections.abc import Callable

from django.db import models


class State(models.TextChoices):
    OK = "OK", "OK"
    ALARM = "ALARM", "Alarm"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA", "Not enough data"


class MissingData(models.TextChoices):
    """What a period without data is taken for."""

    MISSING = "missing", "Missing: with none at all, not enough data"
    IGNORE = "ignore", "Ignored: the state stays"
    BREACHING = "breaching", "Bad: over the threshold"
    NOT_BREACHING = "notBreaching", "Good: within the threshold"


class LowSamples(models.TextChoices):
    """What a percentile of too few values does: of p99, fewer than 1,000 in a period."""

    EVALUATE = "evaluate", "Evaluated all the same"
    IGNORE = "ignore", "Ignored: the state stays"


class Comparison(models.TextChoices):
    """When a value breaches."""

    GREATER = "GreaterThanThreshold", ">"
    AT_LEAST = "GreaterThanOrEqualToThreshold", "≥"
    LESS = "LessThanThreshold", "<"
    AT_MOST = "LessThanOrEqualToThreshold", "≤"


class Severity(models.TextChoices):
    CRITICAL = "critical", "Critical: act now"
    WARNING = "warning", "Warning: act today"
    INFO = "info", "Information"


COMPARE: dict[str, Callable[[float, float], bool]] = {
    Comparison.GREATER: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
}
PERIODS = {60: "1 minute", 300: "5 minutes", 900: "15 minutes", 3600: "1 hour", 21_600: "6 hours", 86_400: "1 day"}
# All that a rule looks at is read from the minutes, which are kept for 7 days; CloudWatch's own bound is the same.
MOST_PERIODS = 100
MOST_SECONDS = 7 * 86_400
STATISTIC = r"^(sum|average|minimum|maximum|count|errors|p(100|[0-9]{1,2})(\.[0-9]{1,2})?)$"

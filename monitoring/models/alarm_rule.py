from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from monitoring.alarms.words import (
    MOST_PERIODS,
    MOST_SECONDS,
    PERIODS,
    STATISTIC,
    Comparison,
    LowSamples,
    MissingData,
    Severity,
    State,
)
from monitoring.history.track import tracked


@tracked(name=("name",), exclude=("version",), subject="alarm rule")
class AlarmRule(models.Model):
    """What is watched, and from when on it is an alarm: M of the last N periods over the threshold.

    The figure is a statistic of series a, or an `expression` over a and b, for example `100 * errors(a) / count(a)`.
    """

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(
        "what to do", blank=True, help_text="When it is red: where to look, and what to do. It stands in the notice."
    )
    metric = models.CharField("figure a", max_length=60)
    labels = models.JSONField("labels of a", default=dict, blank=True)
    other_metric = models.CharField("figure b", max_length=60, blank=True)
    other_labels = models.JSONField("labels of b", default=dict, blank=True)
    expression = models.CharField(
        max_length=300, blank=True,
        help_text="Empty: the statistic of a. Else for example 100 * errors(a) / count(a), or sum(a) / sum(b).",
    )  # fmt: skip
    statistic = models.CharField(
        max_length=10, default="average",
        validators=[RegexValidator(STATISTIC, "sum, average, minimum, maximum, count, errors, or p0 to p100.")],
        help_text="sum, average, minimum, maximum, count, errors, or a percentile such as p99.",
    )  # fmt: skip
    unit = models.CharField(max_length=20, blank=True, help_text="Of the figure; empty: the metric's own.")
    period = models.PositiveIntegerField(choices=list(PERIODS.items()), default=300, help_text="Of one datapoint.")
    datapoints_to_alarm = models.PositiveSmallIntegerField("M", default=2, help_text="So many of them over it.")
    evaluation_periods = models.PositiveSmallIntegerField("N", default=2, help_text="Of the last so many periods.")
    comparison = models.CharField(max_length=40, choices=Comparison, default=Comparison.GREATER)
    threshold = models.FloatField()
    missing_data = models.CharField(max_length=20, choices=MissingData, default=MissingData.MISSING)
    low_samples = models.CharField(max_length=10, choices=LowSamples, default=LowSamples.EVALUATE)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    enabled = models.BooleanField(default=True, help_text="One that is not keeps its history and is not evaluated.")
    shipped = models.SlugField(
        null=True, blank=True, unique=True, editable=False, help_text="Which rule of Nightshelf's own it is."
    )
    version = models.PositiveIntegerField(default=1, editable=False, help_text="Of its settings; each edit counts.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name",)
        permissions = [
            ("acknowledge_alarm", "Can acknowledge alarms"),
            ("mute_alarm", "Can mute alarms and plan maintenance"),
            ("test_alarm", "Can send test notices of alarms"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(metric=""), name="alarm_rule_named"),
            models.CheckConstraint(
                condition=Q(datapoints_to_alarm__gte=1)
                & Q(evaluation_periods__gte=F("datapoints_to_alarm"))
                & Q(evaluation_periods__lte=MOST_PERIODS),
                name="alarm_rule_m_of_n",
            ),
            models.CheckConstraint(condition=Q(period__in=list(PERIODS)), name="alarm_rule_period"),
            models.CheckConstraint(
                condition=Q(period__lte=MOST_SECONDS / F("evaluation_periods")), name="alarm_rule_looks_back"
            ),
            models.CheckConstraint(condition=Q(statistic__regex=STATISTIC), name="alarm_rule_statistic"),
            models.CheckConstraint(condition=Q(comparison__in=Comparison.values), name="alarm_rule_comparison"),
            models.CheckConstraint(condition=Q(missing_data__in=MissingData.values), name="alarm_rule_missing_data"),
            models.CheckConstraint(condition=Q(low_samples__in=LowSamples.values), name="alarm_rule_low_samples"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="alarm_rule_severity"),
        ]

    def __str__(self) -> str:
        return self.name


class AlarmState(models.Model):
    """Where a rule stands, and the datapoints that say so. The evaluator's alone: no edit of a rule touches it.

    `version` counts its transitions: who moves it names the one they saw, and comes second if it is another by now.
    """

    rule = models.OneToOneField(AlarmRule, on_delete=models.CASCADE, primary_key=True, related_name="current")
    state = models.CharField(max_length=20, choices=State, default=State.INSUFFICIENT_DATA)
    since = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=0)
    value = models.FloatField(null=True, help_text="Of the newest period that has one.")
    reason = models.TextField(blank=True)
    datapoints = models.JSONField(default=list, help_text="Newest last: when it began, its value, its samples.")
    fault = models.TextField(blank=True, help_text="Why it could not be evaluated; empty: it could.")
    evaluated_at = models.DateTimeField(null=True)
    transition = models.ForeignKey(
        "AlarmTransition", null=True, on_delete=models.PROTECT, related_name="+", help_text="The last one."
    )

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["state"], name="alarm_state_by_state")]
        constraints = [models.CheckConstraint(condition=Q(state__in=State.values), name="alarm_state_known")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.state}"


class AlarmTransition(models.Model):
    """A rule went from one state to another: once, never altered. `number` is the state's version it led to."""

    rule = models.ForeignKey(AlarmRule, on_delete=models.PROTECT, related_name="transitions")
    number = models.PositiveIntegerField()
    from_state = models.CharField(max_length=20, choices=State)
    to_state = models.CharField(max_length=20, choices=State)
    at = models.DateTimeField(db_default=Now())
    reason = models.TextField(help_text="A sentence, with the datapoints.")
    value = models.FloatField(null=True)
    threshold = models.FloatField(help_text="As it was then.")
    datapoints = models.JSONField(default=list)
    silenced = models.CharField(max_length=300, blank=True, help_text="Why nobody was told; empty: they were.")
    trace_id = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("-id",)
        default_permissions = ()
        indexes = [
            models.Index(fields=["rule", "-id"], name="alarm_transition_by_rule"),
            models.Index(fields=["-at"], name="alarm_transition_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="alarm_transition_once"),
            models.CheckConstraint(
                condition=Q(from_state__in=State.values) & Q(to_state__in=State.values) & ~Q(from_state=F("to_state")),
                name="alarm_transition_moves",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class Acknowledgement(models.Model):
    """Somebody has seen to it. It belongs to the transition into the alarm, and so ends with the alarm."""

    transition = models.OneToOneField(AlarmTransition, on_delete=models.PROTECT, related_name="acknowledgement")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    note = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"acknowledged {self.transition_id}"

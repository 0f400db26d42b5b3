from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Series(models.Model):
    """One line of a chart: a metric (`monitoring.metrics.names`) with one set of labels."""

    metric = models.CharField(max_length=60)
    labels = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["metric", "labels"], name="series_once")]

    def __str__(self) -> str:
        return " ".join([self.metric, *(f"{key}={value}" for key, value in sorted(self.labels.items()))])


class Measured(models.Model):
    """What was measured of a series in a span of time: enough for a rate, an average, and any percentile.

    `bins` and `bin_counts` belong together: the exponential histogram of `monitoring.metrics.bins`, whose bins merge,
    so that a percentile of an hour is the percentile of its values and never an average of percentiles.
    """

    count = models.BigIntegerField()
    errors = models.BigIntegerField(default=0, help_text="Of the count.")
    total = models.FloatField(default=0, help_text="Sum of the values, in the metric's unit.")
    least = models.FloatField(null=True)
    most = models.FloatField(null=True)
    bins = ArrayField(models.IntegerField(), default=list)
    bin_counts = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        abstract = True


class MetricDelta(Measured):
    """By how much a transaction, or a process in a few seconds, changed a minute: added, and soon rolled up.

    An added row waits for nobody, where a shared bucket would make all chunks of a night queue behind it. It names its
    series in words: a look-up of a number would need a row that another transaction may not have committed yet.
    A minute's figure is its bucket and its deltas: exact at any moment, and in one statement.
    """

    metric = models.CharField(max_length=60)
    labels = models.JSONField(default=dict)
    minute = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.metric} {self.count:+}"


class MinuteBucket(Measured):
    """A finished or running minute of a series. A partition for each day, dropped after 7 days."""

    pk = models.CompositePrimaryKey("series_id", "at")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    at = models.DateTimeField(help_text="When the minute began.")

    class Meta:
        db_table = "monitoring_minute"

    def __str__(self) -> str:
        return f"{self.series_id} {self.at:%Y-%m-%d %H:%M}"


class HourBucket(Measured):
    """An hour of a series: the sum of its minutes. A partition for each month, dropped after 13 months."""

    pk = models.CompositePrimaryKey("series_id", "at")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    at = models.DateTimeField(help_text="When the hour began.")

    class Meta:
        db_table = "monitoring_hour"

    def __str__(self) -> str:
        return f"{self.series_id} {self.at:%Y-%m-%d %H}"


class DayBucket(Measured):
    """A day of a series, as the business counts days (TIME_ZONE): the sum of its minutes. Kept as long as hours are.

    A month of sixty routes is two million bins in hours, and a tenth of that in days.
    """

    pk = models.CompositePrimaryKey("series_id", "at")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    at = models.DateTimeField(help_text="When the day began.")

    class Meta:
        db_table = "monitoring_day"

    def __str__(self) -> str:
        return f"{self.series_id} {self.at:%Y-%m-%d}"

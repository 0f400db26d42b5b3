from __future__ import annotations

from django.db import models

from monitoring.fields import HexField


class LogLine(models.Model):
    """A log record of a trace that is kept, hung on its span. A partition for each day (UTC), dropped with the spans'.

    Records without a trace are in the log alone: this table answers "what did this trace say", it is no log store.
    """

    pk = models.CompositePrimaryKey("at", "number")
    number = models.BigIntegerField(help_text="Random: tells lines of the same microsecond apart.")
    at = models.DateTimeField()
    level = models.CharField(max_length=10)
    event = models.CharField(max_length=200)
    trace_id = HexField("trace", length=32)
    span_id = HexField("span", length=16, null=True)
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "monitoring_logline"
        indexes = [models.Index(fields=["trace_id", "at"], name="logline_by_trace")]

    def __str__(self) -> str:
        return f"{self.level} {self.event}"

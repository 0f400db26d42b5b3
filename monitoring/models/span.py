from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from monitoring.components import Component
from monitoring.fields import HexField


class Trace(models.Model):
    """What the list of traces shows of one: kept up to date by whoever stores spans of it.

    A partition for each day (UTC). A trace that goes on past midnight has a row a day; lists put them together.
    """

    pk = models.CompositePrimaryKey("day", "trace_id")
    day = models.DateField(help_text="The day (UTC) the spans began that this row sums up.")
    trace_id = HexField("trace", length=32)
    name = models.CharField(max_length=200, help_text="Of its earliest span.")
    component = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    seconds = models.FloatField(help_text="From its first span's begin to its last one's end.")
    spans = models.IntegerField()
    errors = models.IntegerField(default=0, help_text="Spans that failed.")
    job_id = models.BigIntegerField(null=True, help_text="The job it worked for: no foreign key, it outlives the job.")
    user_id = models.BigIntegerField(null=True, help_text="Who was signed in.")

    class Meta:
        db_table = "monitoring_trace"
        indexes = [
            models.Index(fields=["-started_at"], name="trace_by_start"),
            models.Index(fields=["trace_id"], name="trace_by_id"),
            models.Index(
                fields=["job_id", "-started_at"], name="trace_by_job", condition=models.Q(job_id__isnull=False)
            ),
            models.Index(fields=["-started_at"], name="trace_failed", condition=models.Q(errors__gt=0)),
            models.Index(fields=["name", "-started_at"], name="trace_by_name"),
            models.Index(
                fields=["user_id", "-started_at"], name="trace_by_user", condition=models.Q(user_id__isnull=False)
            ),
            models.Index(fields=["-seconds", "-started_at"], name="trace_by_length"),
        ]

    def __str__(self) -> str:
        return f"{self.trace_id} {self.name}"


class Span(models.Model):
    """One step of the work: of a request, a task, a statement, a call to storage. A partition for each day (UTC)."""

    class Kind(models.TextChoices):
        SERVER = "server", "Server"
        CLIENT = "client", "Client"
        PRODUCER = "producer", "Producer"
        CONSUMER = "consumer", "Consumer"
        INTERNAL = "internal", "Internal"

    Component = Component

    pk = models.CompositePrimaryKey("started_at", "trace_id", "span_id")
    trace_id = HexField("trace", length=32)
    span_id = HexField("span", length=16)
    parent_id = HexField("parent", length=16, null=True)
    name = models.CharField(max_length=200, help_text="What kind of step, never with ids in it.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INTERNAL)
    component = models.CharField(max_length=20, choices=Component, help_text="Who was asked to do it.")
    caller = models.CharField(max_length=20, choices=Component, help_text="The process that measured it.")
    instance = models.CharField(max_length=200, help_text="service.instance.id: host, kind and number of the process.")
    started_at = models.DateTimeField()
    seconds = models.FloatField()
    failed = models.BooleanField(default=False)
    message = models.TextField(blank=True, help_text="Why it failed, in the exception's words.")
    attributes = models.JSONField(default=dict)
    links = models.JSONField(default=list, help_text='[{"trace_id", "span_id"}]: what it goes back to.')
    job_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "monitoring_span"
        indexes = [
            models.Index(fields=["trace_id", "started_at"], name="span_by_trace"),
            models.Index(fields=["name", "-started_at"], name="span_by_name"),
            # Search by component, and the service map. Most spans are statements: those are found by walking back in
            # time, and this index, which the others need, is spared them.
            models.Index(
                fields=["component", "-started_at"], name="span_by_component", condition=~models.Q(component="database")
            ),
            # Search for what failed, by component or by a word of its message.
            models.Index(fields=["-started_at"], name="span_failed", condition=models.Q(failed=True)),
            # A trace's page: which traces go back to it.
            GinIndex(OpClass("links", name="jsonb_path_ops"), name="span_by_link", condition=~models.Q(links=[])),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.span_id}"

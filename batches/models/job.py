from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from pghistory import AnyChange

from batches.states import JobStatus
from monitoring.fields import HexField, one_of
from monitoring.history.conditions import OUTSIDE, Any
from monitoring.history.track import tracked

SAID = ("job_id", "intent_id", "kind", "user_id", "model_id")


# Its status follows from its files and letters, and is told by its own page; here it counts if set by hand.
@tracked(
    name=("job_id",),
    fields=(*SAID, "status"),
    changed=Any(AnyChange(*SAID), OUTSIDE),
    subject="job",
)
class Job(models.Model):
    """One batch handed to the model: everything that comes back under `batch-output/{job_id}/` belongs to it (Y6).

    It has no counters: they are sums over its chunks (`batches.balance`), so no row is hot.
    """

    job_id = models.CharField("job", max_length=200, unique=True)
    intent_id = models.CharField(
        "intent", max_length=200, unique=True, help_text="One per user action, the same across retries."
    )
    kind = models.CharField(max_length=40)
    user_id = models.CharField("user", max_length=200)
    model_id = models.CharField("model", max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.WAITING)
    trace_id = HexField("trace", length=32)
    manifest = models.JSONField(null=True, blank=True, help_text="Bedrock's own counts, once its manifest has landed.")
    manifest_version = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [one_of("status", JobStatus, "job_status_known")]
        indexes = [
            models.Index(fields=["status", "-id"], name="job_by_status"),
            models.Index(fields=["user_id", "-id"], name="job_by_user"),
            models.Index(fields=["trace_id"], name="job_by_trace"),
        ]

    def __str__(self) -> str:
        return self.job_id

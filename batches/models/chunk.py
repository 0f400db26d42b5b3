from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from batches.models.job import Job
from batches.models.result_file import ResultFile
from batches.states import ChunkStatus
from monitoring.fields import one_of

COUNTERS = ("read", "inserted", "updated", "unchanged", "superseded", "dead")


class Chunk(models.Model):
    """A byte range of a result file: the unit of work, of the lease, and of the transaction that counts it.

    The lines that begin in [start, end) are its own. `lease` is the fencing token: it goes up with each claim, and a
    chunk is finished only under the number it was claimed with.
    """

    file = models.ForeignKey(ResultFile, on_delete=models.PROTECT, related_name="chunks")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="chunks")
    ordinal = models.IntegerField()
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    status = models.CharField(max_length=20, choices=ChunkStatus, default=ChunkStatus.PENDING)
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=200, blank=True)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now(), help_text="Later than now while a passing fault is waited out.")
    last_error = models.TextField(blank=True)
    physical_lines = models.IntegerField(default=0, help_text="Lines with the blank ones, for numbering.")
    read = models.IntegerField(default=0)
    inserted = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    superseded = models.IntegerField(default=0)
    dead = models.IntegerField(default=0)
    unchanged_ids = models.BinaryField(
        null=True, help_text="Ids found unchanged, 12 bytes each, while an earlier line may still come."
    )
    seconds = models.FloatField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            one_of("status", ChunkStatus, "chunk_status_known"),
            models.UniqueConstraint(fields=["file", "ordinal"], name="chunk_once"),
            models.CheckConstraint(condition=Q(start__gte=0, end__gt=F("start")), name="chunk_range_not_empty"),
            models.CheckConstraint(condition=Q(lease__gte=0, attempts__gte=0), name="chunk_lease_not_negative"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in COUNTERS}), name="chunk_counters_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    read=F("inserted") + F("updated") + F("unchanged") + F("superseded") + F("dead"),
                ),
                name="chunk_balance",
            ),
            models.CheckConstraint(condition=Q(status="done") | Q(read=0), name="chunk_counts_when_done"),
            models.CheckConstraint(
                condition=~Q(status="leased") | Q(leased_until__isnull=False), name="chunk_lease_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["finished_at"], name="chunk_by_end"),
            # Claiming and recovering look at open chunks only, however many are done.
            models.Index(fields=["ordinal", "id"], name="chunk_open", condition=Q(status__in=["pending", "leased"])),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.ordinal}"

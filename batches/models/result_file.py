from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from batches.models.job import Job
from batches.states import FileStatus
from monitoring.fields import one_of


class ResultFile(models.Model):
    """One version of one object in storage. Bucket, key and version are its identity: landing twice is landing once."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="files")
    bucket = models.CharField(max_length=200)
    key = models.CharField(max_length=1024)
    version = models.CharField(max_length=200, help_text="The object's ETag: the bytes that were counted.")
    size = models.BigIntegerField(help_text="bytes in storage")
    door = models.CharField(max_length=20, help_text="The way it came in: event, sweep, upload or command.")
    fresh = models.BooleanField(
        help_text="Its job had no rows when it was split: rows are copied without looking first."
    )
    status = models.CharField(max_length=20, choices=FileStatus, default=FileStatus.READING)
    failure = models.TextField(blank=True, help_text="What happened, and what to do.")
    received_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    images_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the images of its rows were marked to be moved."
    )

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", FileStatus, "result_file_status_known"),
            models.UniqueConstraint(fields=["bucket", "key", "version"], name="result_file_once"),
            models.CheckConstraint(condition=Q(size__gte=0), name="result_file_size_not_negative"),
        ]
        indexes = [
            models.Index(F("status"), name="result_file_open", condition=Q(status="reading")),
            models.Index(
                F("id"), name="result_file_images_not_due", condition=~Q(status="reading") & Q(images_due_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def compressed(self) -> bool:
        """A gzip file cannot be read from the middle: it is one chunk, and offsets count its decompressed bytes."""
        return self.key.endswith((".gz", ".gz.out"))

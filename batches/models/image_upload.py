from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from batches.models.fields import HexField, one_of
from batches.models.job import Job
from batches.states import UploadStatus


class ImageUpload(models.Model):
    """A photographed receipt waiting for the night: whose it is, where it lies, and the trace it began (Y9, Y10)."""

    image_id = models.CharField("image", max_length=200, unique=True)
    user_id = models.CharField("user", max_length=200)
    bucket = models.CharField(max_length=200)
    key = models.CharField(max_length=1024)
    trace_id = HexField("trace", length=32)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads")
    status = models.CharField(max_length=10, choices=UploadStatus, default=UploadStatus.UPLOADED)
    uploaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", UploadStatus, "image_upload_status_known"),
            models.UniqueConstraint(fields=["bucket", "key"], name="image_upload_once"),
        ]
        indexes = [
            models.Index(fields=["user_id"], name="image_upload_by_user"),
            models.Index(fields=["trace_id"], name="image_upload_by_trace"),
        ]

    def __str__(self) -> str:
        return self.image_id

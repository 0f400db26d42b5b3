from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models.job import Job
from batches.states import UploadStatus
from monitoring.fields import HexField, one_of


class ImageUpload(models.Model):
    """A photographed receipt: whose it is, where it lies, the trace it began, and its move once it was read (Y9, Y10).

    `size` and `version` are what the upload's event told, or a later look; without them the move looks first. `lease`
    is the fencing token of the batch that works on it: outcomes are recorded only under the lease they were claimed
    with. The path it is moved to follows from `key` and `due_on`: a move that is begun again leads to the same place.
    """

    image_id = models.CharField("image", max_length=200, unique=True)
    user_id = models.CharField("user", max_length=200)
    bucket = models.CharField(max_length=200)
    key = models.CharField(max_length=1024)
    size = models.BigIntegerField(null=True, blank=True, help_text="bytes")
    version = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The object's ETag when it was uploaded."
    )
    trace_id = HexField("trace", length=32)
    job = models.ForeignKey(
        Job,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="uploads",
        help_text="The batch it waits in; once it was read, the one that read it.",
    )
    status = models.CharField(max_length=10, choices=UploadStatus, default=UploadStatus.UPLOADED)
    uploaded_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField(null=True, blank=True, help_text="The day in the path it is moved to.")
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    claims = models.IntegerField(default=0, db_default=0, help_text="How often a worker took it on.")
    moved_key = models.CharField(max_length=1024, blank=True, default="", db_default="")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="When its copy was verified.")
    code = models.CharField("reason", max_length=40, blank=True, default="", db_default="")
    error = models.TextField(blank=True, default="", db_default="")
    failed_at = models.DateTimeField(null=True, blank=True)
    letter_key = models.CharField(
        max_length=1024, blank=True, default="", db_default="", help_text="Its dead letter in storage, once written."
    )

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", UploadStatus, "image_upload_status_known"),
            models.UniqueConstraint(fields=["bucket", "key"], name="image_upload_once"),
            models.CheckConstraint(
                condition=~Q(status="due") | Q(due_on__isnull=False, job__isnull=False),
                name="image_upload_due_to_a_job_and_day",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["copied", "moved", "uncleaned"])
                | (~Q(moved_key="") & Q(moved_at__isnull=False)),
                name="image_upload_moved_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["failed", "uncleaned"]) | ~Q(error=""), name="image_upload_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["user_id"], name="image_upload_by_user"),
            models.Index(fields=["trace_id"], name="image_upload_by_trace"),
            models.Index(fields=["job", "status"], name="image_upload_by_job"),
            # What a figure of moves counts; what was given up is few, and has an index below.
            models.Index(fields=["moved_at"], name="image_upload_by_move", condition=Q(moved_at__isnull=False)),
            # Claiming looks at open moves only, people at what went wrong, however many were moved.
            models.Index(fields=["id"], name="image_upload_to_move", condition=Q(status__in=["due", "copied"])),
            models.Index(
                fields=["status", "-id"],
                name="image_upload_needs_a_person",
                condition=Q(status__in=["failed", "uncleaned"]),
            ),
            models.Index(
                fields=["id"], name="image_upload_letter_to_store", condition=Q(status="failed", letter_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.image_id

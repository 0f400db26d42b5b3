from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from pgtrigger import Condition

from batches.models.chunk import Chunk
from batches.models.job import Job
from batches.models.letter_group import LetterGroup
from batches.models.result_file import ResultFile
from batches.states import LetterKind, LetterStatus
from monitoring.fields import HexField, one_of
from monitoring.history.conditions import BY_SOMEBODY
from monitoring.history.track import NOT_AT_ALL, tracked


# Written by machines, closed by people and by redrives (whose own history is LetterEvent), deleted by the archive.
@tracked(
    name=("code", "field"),
    fields=("status",),
    exclude=("message", "excerpt", "record_id", "user_id", "amount"),
    added=NOT_AT_ALL,
    changed=BY_SOMEBODY,
    deleted=Condition("OLD.status = 'open'"),
    subject="letter",
)
class DeadLetter(models.Model):
    """What could not be taken in, and why, in a sentence a person can act on.

    Kinds: `line` (a line that is no record; counted as dead), `conflict` (a line that differs from a row a person has
    reviewed; counted as superseded), `file`, `event`, `poison` (a chunk that keeps killing its worker) and `image` (an
    image that could not be moved; counted nowhere).
    """

    kind = models.CharField(max_length=10, choices=LetterKind)
    status = models.CharField(max_length=10, choices=LetterStatus, default=LetterStatus.OPEN)
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="letters"
    )
    file = models.ForeignKey(ResultFile, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    chunk = models.ForeignKey(
        Chunk, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="letters"
    )
    line = models.IntegerField(null=True, blank=True, help_text="Number of the line within its chunk, from 1.")
    offset = models.BigIntegerField(null=True, blank=True, help_text="Where the line begins in the file, in bytes.")
    length = models.BigIntegerField(null=True, blank=True, help_text="bytes")
    source = models.CharField(max_length=1500, blank=True, help_text="For an event: the object it was about.")
    code = models.CharField("reason", max_length=40)
    field = models.CharField(max_length=100, blank=True)
    message = models.TextField()
    excerpt = models.TextField(blank=True, help_text="The offending part.")
    record_id = models.CharField("image", max_length=200, blank=True)
    transaction_id = HexField("transaction", length=24, null=True, blank=True)
    trace_id = HexField("trace", length=32, null=True, blank=True)
    group = models.ForeignKey(
        LetterGroup, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="members"
    )
    user_id = models.CharField(
        "user", max_length=200, blank=True, db_default="", help_text="Whose image it is, where that is known."
    )
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="Of the receipt, where it could be read."
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="children",
        help_text="The letter that was tried again, and failed again as this one.",
    )  # fmt: skip
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it stopped being open.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        permissions = [
            ("redrive_deadletter", "Can redrive dead letters"),
            ("edit_deadletter", "Can edit what dead letters are read as"),
            ("discard_deadletter", "Can discard dead letters"),
        ]
        constraints = [
            one_of("kind", LetterKind, "letter_kind_known"),
            one_of("status", LetterStatus, "letter_status_known"),
            # A line that is tried again and fails again becomes a letter of its own, the child of the one before.
            models.UniqueConstraint(
                fields=["chunk", "line", "kind"], name="letter_once_per_line", condition=Q(parent__isnull=True)
            ),
            models.UniqueConstraint(fields=["parent"], name="letter_replaced_once", condition=Q(parent__isnull=False)),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True) | (~Q(status="open") & Q(closed_at__isnull=False)),
                name="letter_closed_has_a_time",
            ),
            models.UniqueConstraint(fields=["file", "code"], name="letter_once_per_file", condition=Q(kind="file")),
            models.UniqueConstraint(fields=["source", "code"], name="letter_once_per_event", condition=Q(kind="event")),
            models.UniqueConstraint(
                fields=["record_id"], name="letter_once_per_image", condition=Q(kind="image", status="open")
            ),
        ]
        indexes = [
            models.Index(fields=["job", "code"], name="letter_by_job_and_reason"),
            models.Index(fields=["code", "-id"], name="letter_by_reason"),
            models.Index(fields=["record_id"], name="letter_by_image", condition=~Q(record_id="")),
            models.Index(fields=["transaction_id"], name="letter_by_transaction"),
            models.Index(fields=["trace_id"], name="letter_by_trace"),
            models.Index(fields=["user_id", "-id"], name="letter_by_user", condition=~Q(user_id="")),
            models.Index(fields=["code", "-id"], name="letter_open_by_reason", condition=Q(status="open")),
            models.Index(fields=["status", "-id"], name="letter_by_status"),
            models.Index(fields=["kind", "-id"], name="letter_by_kind"),
            models.Index(fields=["field", "-id"], name="letter_by_field", condition=~Q(field="")),
            models.Index(fields=["created_at"], name="letter_by_day"),
            models.Index(fields=["job"], name="letter_open_by_job", condition=Q(status="open")),
            models.Index(fields=["group", "status", "-id"], name="letter_by_group"),
            models.Index(fields=["closed_at"], name="letter_by_closing", condition=Q(closed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Letter {self.pk}"

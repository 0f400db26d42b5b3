from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from batches.states import GroupStatus, LetterKind
from monitoring.fields import HexField, one_of
from monitoring.history.conditions import BY_SOMEBODY
from monitoring.history.track import NOT_AT_ALL, tracked


@tracked(name=("code", "field"), fields=("status",), added=NOT_AT_ALL, changed=BY_SOMEBODY, subject="group")
class LetterGroup(models.Model):
    """Letters that are one problem: same kind, reason, field and message once its particulars are taken out.

    The fingerprint is the key, so whoever buries the first letter of a problem needs no look-up. The figures are
    brought up to date by `letters.roll_up` from the tallies, never by the chunk itself: no row is hot.
    """

    fingerprint = HexField("fingerprint", primary_key=True, length=16)
    kind = models.CharField(max_length=10, choices=LetterKind)
    code = models.CharField("reason", max_length=40)
    field = models.CharField(max_length=100, blank=True)
    pattern = models.TextField(help_text="The message with its particulars taken out.")
    status = models.CharField(max_length=10, choices=GroupStatus, default=GroupStatus.OPEN)
    letters = models.BigIntegerField(default=0, help_text="Letters ever.")
    open = models.BigIntegerField(default=0)
    amount = models.DecimalField(max_digits=20, decimal_places=2, default=0, help_text="Money in its open letters.")
    jobs = models.IntegerField(default=0, help_text="Jobs it was ever met in.")
    users = models.IntegerField(default=0, help_text="Users whose images it ever concerned.")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True, help_text="When it came back after it was resolved.")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-last_seen",)
        constraints = [
            one_of("status", GroupStatus, "letter_group_status_known"),
            models.CheckConstraint(condition=Q(letters__gte=0, open__gte=0), name="letter_group_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.field}".strip()

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models.dead_letter import DeadLetter
from batches.models.letter_group import LetterGroup
from monitoring.history.track import tracked


@tracked(name=("version",), subject="rule")
class PatchRule(models.Model):
    """How the model's answer is changed before it is read again: for a group's letters, or for one letter alone.

    Never altered: a correction is the next version. The original line stays as it is in storage.
    """

    group = models.ForeignKey(LetterGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="rules")
    letter = models.ForeignKey(DeadLetter, null=True, blank=True, on_delete=models.PROTECT, related_name="rules")
    version = models.IntegerField()
    operations = models.JSONField(help_text="See batches.letters.patch.")
    why = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=True, letter__isnull=False) | Q(group__isnull=False, letter__isnull=True),
                name="patch_rule_has_one_subject",
            ),
            models.UniqueConstraint(fields=["group", "version"], name="patch_rule_version_of_group"),
            models.UniqueConstraint(fields=["letter", "version"], name="patch_rule_version_of_letter"),
        ]

    def __str__(self) -> str:
        return f"Rule {self.pk}, version {self.version}"

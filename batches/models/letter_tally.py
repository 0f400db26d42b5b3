from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from batches.models.job import Job
from batches.models.letter_group import LetterGroup


class LetterTally(models.Model):
    """By how much a transaction changed a group's figures: added beside the change itself, until it is rolled up.

    An added row waits for nobody, where a counter in the group would make all chunks of a night queue behind it. A
    group's figure is its own column and its tallies: exact at any moment, and in one statement.

    `job` and `users` are whom new letters concern; a tally of closed ones names nobody.
    """

    group = models.ForeignKey(LetterGroup, on_delete=models.PROTECT, db_constraint=False, related_name="tallies")
    letters = models.IntegerField(default=0)
    open = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    job = models.ForeignKey(
        Job, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    users = ArrayField(models.CharField(max_length=200), default=list)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.group_id} {self.open:+}"


class LetterHour(models.Model):
    """Letters of a group that came in an hour: its trend."""

    group = models.ForeignKey(LetterGroup, on_delete=models.CASCADE, db_index=False, related_name="hours")
    hour = models.DateTimeField()
    letters = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(F("group"), F("hour"), name="letter_hour_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.hour:%Y-%m-%d %H}"


class LetterTouch(models.Model):
    """A job or user that a group was ever met with: counted once, however many letters it has."""

    class Who(models.TextChoices):
        JOB = "job", "Job"
        USER = "user", "User"

    group = models.ForeignKey(LetterGroup, on_delete=models.CASCADE, db_index=False, related_name="touches")
    who = models.CharField(max_length=4, choices=Who)
    name = models.CharField(max_length=200, help_text="A job's number, or a user's id.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "who", "name"], name="letter_touch_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.who} {self.name}"

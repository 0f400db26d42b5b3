from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from monitoring.fields import one_of
from monitoring.history.track import tracked


class ChannelKind(models.TextChoices):
    EMAIL = "email", "E-mail"
    SLACK = "slack", "Slack"
    SNS = "sns", "Amazon SNS"
    WEBHOOK = "webhook", "Webhook"


def new_salt() -> str:
    return secrets.token_hex(16)


# The address is not written down: a Slack webhook's is a secret as a whole. What may be seen of it is.
@tracked(
    name=("name",),
    fields=("name", "kind", "shown_as", "topics", "enabled"),
    exclude=("address", "salt", "failures", "retry_at"),
    subject="channel",
)
class Channel(models.Model):
    """A way to tell people. `address`: an ARN, a URL, or recipients, one on a line; `shown_as`: what pages show of it.

    The secret that webhooks are signed with is stored nowhere: it is made of `salt` and SECRET_KEY.
    """

    Kind = ChannelKind

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=ChannelKind)
    address = models.TextField()
    shown_as = models.CharField(max_length=200, editable=False)
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    enabled = models.BooleanField("switched on", default=True)
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    failures = models.IntegerField(
        default=0, editable=False, help_text="Tries that failed since the last that did not."
    )
    retry_at = models.DateTimeField(null=True, editable=False, help_text="After a failure nothing is sent until then.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name",)
        constraints = [
            one_of("kind", ChannelKind, "channel_kind_known"),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(address=""), name="channel_named"),
        ]

    def __str__(self) -> str:
        return self.name

"""A channel added or changed by a person, and a new secret for its webhook."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from monitoring import audit
from monitoring.channels.kinds import KINDS
from monitoring.channels.signing import secret_of
from monitoring.models import Channel
from monitoring.models.channel import new_salt

PERMISSION = "monitoring.change_channel"


def save_channel(channel: Channel, *, actor: User | AnonymousUser | None, changed: Sequence[str]) -> None:
    """What is changed may have been put right: it is tried again at once. The audit log is told names, no values."""
    verb = "change" if channel.pk else "add"
    channel.shown_as = KINDS[channel.kind].shown(channel.address)
    channel.failures, channel.retry_at = 0, None
    with transaction.atomic():
        channel.save()
        audit.record(actor, verb, "channel", channel.pk, fields=list(changed))


def renew_secret(channel: Channel, *, actor: User | AnonymousUser | None) -> str:
    """The new secret, told this once. What is signed from now on is signed with it."""
    by = audit.permit(actor, PERMISSION, action="renew secret", subject="channel", subject_id=channel.pk)
    with transaction.atomic():
        channel.salt = new_salt()
        channel.save(update_fields=["salt"])
        audit.record(by, "renew secret", "channel", channel.pk)
    return secret_of(channel)

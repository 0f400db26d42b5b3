"""What a person does about a delivery that failed: have it tried again, or leave it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F
from django.db.models.functions import Now

from monitoring import audit
from monitoring.channels.settle import settling
from monitoring.models import Channel, Delivery
from monitoring.models.delivery import DeliveryStatus as Status
from pages.reason import checked_reason

PERMISSION = "monitoring.retry_delivery"
FAILED = (Status.GIVEN_UP, Status.UNSURE)
MOST = 500


def try_again(delivery: Delivery, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """It waits again, with all its tries. Of an unsure one the person says that a second copy does no harm.

    False: it is not failed any more; somebody was quicker.
    """
    return _changed(
        delivery, "retry", actor, reason, status=Status.WAITING, next_try_at=Now(), tries_from=F("attempts")
    )


def leave(delivery: Delivery, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """It is not sent any more, and no longer counts as failed."""
    return _changed(delivery, "leave", actor, reason, status=Status.DROPPED)


def try_all_again(channel: Channel, *, actor: User | AnonymousUser | None, reason: str) -> int:
    """Those of a channel that were given up, the newest MOST of them. The unsure ones are decided one by one."""
    given_up = Delivery.objects.filter(channel=channel, status=Status.GIVEN_UP)[:MOST]
    return sum(try_again(delivery, actor=actor, reason=reason) for delivery in given_up)


def _changed(delivery: Delivery, verb: str, actor: User | AnonymousUser | None, reason: str, **fields: object) -> bool:
    by = audit.permit(actor, PERMISSION, action=verb, subject="delivery", subject_id=delivery.pk)
    reason = checked_reason(reason)
    with settling(delivery.notice_id):
        failed = Delivery.objects.filter(pk=delivery.pk, status__in=FAILED)
        if not failed.update(finished_at=Now() if verb == "leave" else None, **fields):
            return False
        if verb == "retry":
            Channel.objects.filter(pk=delivery.channel_id).update(retry_at=None)
        audit.record(by, verb, "delivery", delivery.pk, reason=reason, was=delivery.status, channel=delivery.channel_id)
    return True

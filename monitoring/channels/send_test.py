"""A test of a channel: a notice for it alone, sent as any other is."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.urls import reverse

from monitoring import audit
from monitoring.models import Channel, Delivery, Notice
from monitoring.models.notice import NoticeState

PERMISSION = "monitoring.change_channel"
TOPIC = "test"


def send_test(channel: Channel, *, actor: User | AnonymousUser | None) -> Notice:
    by = audit.permit(actor, PERMISSION, action="test", subject="channel", subject_id=channel.pk)
    with transaction.atomic():
        notice = Notice.objects.create(
            key=f"test/{channel.pk}/{uuid.uuid4().hex}",
            topic=TOPIC,
            subject=f"Test of {channel.name}"[:200],
            body=f"{by.get_username()} tried out whether this channel works. It does.",
            link=reverse("admin:monitoring_channel_change", args=[channel.pk]),
            state=NoticeState.WAITING,  # not handed out: other channels are not tested
        )
        Delivery.objects.create(notice=notice, channel=channel)
        Channel.objects.filter(pk=channel.pk).update(retry_at=None)
        audit.record(by, "test", "channel", channel.pk, notice=notice.pk)
    return notice

"""Deliveries whose sender was lost in the middle: it may have sent them, so they are marked and not sent again."""

from __future__ import annotations

import logging

from django.db.models.functions import Now

from monitoring import telemetry
from monitoring.channels.settle import unsure
from monitoring.models import Delivery

WHY = "Whoever was sending it ended in the middle: it may have arrived."


def mark_lost() -> int:
    lost = list(Delivery.objects.filter(status="sending", leased_until__lt=Now()).order_by("pk")[:100])
    for delivery in lost:
        unsure(delivery, WHY)
        telemetry.event(
            "notice_unsure", level=logging.ERROR, notice=delivery.notice_id, channel=delivery.channel_id, why=WHY
        )
    return len(lost)

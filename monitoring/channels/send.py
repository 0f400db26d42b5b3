"""One delivery: handed to its channel, outside any transaction, and what became of it written down."""

from __future__ import annotations

import logging

from monitoring import telemetry
from monitoring.channels import email, settle, slack, sns, webhook
from monitoring.channels.claim import claim_delivery
from monitoring.channels.message import message_of
from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.context import carrying
from monitoring.models import Delivery

KINDS = {"email": email.send, "slack": slack.send, "sns": sns.send, "webhook": webhook.send}


def send_next(channel_id: int) -> bool:
    """Send what is due first. False: nothing is due, or the channel is to be left alone for now."""
    delivery = claim_delivery(channel_id)
    if delivery is None:
        return False
    with carrying(trace_id=delivery.notice.trace_id):
        return send_delivery(delivery)


def send_delivery(delivery: Delivery) -> bool:
    """Whether the channel took it. An error nobody foresaw counts as unsure: it may have come after the sending."""
    told = {"notice": delivery.notice_id, "channel": delivery.channel_id, "attempt": delivery.attempts}
    kind = delivery.channel.kind
    try:
        response_id = KINDS[kind](delivery.channel, message_of(delivery))
    except NotTaken as fault:
        over = settle.not_taken(delivery, fault)
        telemetry.event(
            "notice_given_up" if over else "notice_not_taken",
            level=logging.ERROR if over else logging.WARNING, why=str(fault), **told,
        )  # fmt: skip
        if over:
            telemetry.count("notices.sent", failed=1, kind=kind)
        return not fault.retryable
    except Unsure as fault:
        settle.unsure(delivery, str(fault))
        telemetry.event("notice_unsure", level=logging.ERROR, why=str(fault), **told)
    except Exception as fault:
        settle.unsure(delivery, f"{type(fault).__name__}: {fault}"[:300])
        telemetry.fault("notice_send_broke", **told)
    else:
        settle.sent(delivery, response_id)
        telemetry.event("notice_sent", **told)
        telemetry.count("notices.sent", kind=kind)
        return True
    telemetry.count("notices.sent", failed=1, kind=kind)
    return True

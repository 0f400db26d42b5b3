"""How a delivery ended, and with it the notice's own state.

The notice's row is locked first, always: the last two of its deliveries may end at the same moment.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from monitoring.channels.outcome import NotTaken
from monitoring.models import Channel, Delivery, Notice
from monitoring.models.delivery import DeliveryStatus as Status

FIRST_SECONDS, MOST_SECONDS = 15.0, 3600.0

STATE = """
    UPDATE monitoring_notice AS n SET state = told.state,
        sent_at = CASE WHEN told.state = 'sent' THEN coalesce(n.sent_at, statement_timestamp()) END
    FROM (
        SELECT CASE
            WHEN bool_or(status IN ('waiting', 'sending')) THEN 'waiting'
            WHEN bool_or(status IN ('given_up', 'unsure')) THEN 'failed'
            WHEN bool_or(status = 'sent') THEN 'sent'
            ELSE 'kept' END AS state
        FROM monitoring_delivery WHERE notice_id = %(notice)s
    ) AS told
    WHERE n.id = %(notice)s"""


@contextmanager
def settling(notice_id: int) -> Iterator[None]:
    """Deliveries of the notice are changed inside; then its state is what they say together."""
    with transaction.atomic():
        Notice.objects.select_for_update().get(pk=notice_id)
        yield
        with connection.cursor() as cursor:
            cursor.execute(STATE, {"notice": notice_id})


def sent(delivery: Delivery, response_id: str) -> bool:
    """Also of one that was taken for lost meanwhile: now it is known. False: a later attempt has begun."""
    with settling(delivery.notice_id):
        done = _attempt(delivery, Status.SENDING, Status.UNSURE).update(
            status=Status.SENT, finished_at=Now(), leased_until=None, last_error="", response_id=response_id[:200]
        )
        Channel.objects.filter(pk=delivery.channel_id).exclude(failures=0, retry_at=None).update(
            failures=0, retry_at=None
        )
    return bool(done)


def not_taken(delivery: Delivery, fault: NotTaken) -> bool:
    """Tried again later, or given up. Returns whether it was given up.

    The channel rests as a whole after a failure that may pass: of a hundred notices that wait only one asks whether it
    is back.
    """
    over = not fault.retryable or delivery.attempts - delivery.tries_from >= settings.NOTIFY_TRIES
    with settling(delivery.notice_id):
        if over:
            _attempt(delivery, Status.SENDING, Status.UNSURE).update(
                status=Status.GIVEN_UP, finished_at=Now(), leased_until=None, last_error=str(fault)
            )
        else:
            pause = timedelta(seconds=max(fault.after, pause_after(delivery.attempts - delivery.tries_from)))
            _attempt(delivery, Status.SENDING, Status.UNSURE).update(
                status=Status.WAITING, next_try_at=Now() + pause, leased_until=None, last_error=str(fault)
            )
        if fault.retryable:
            _rest(delivery.channel, fault)
    return over


def unsure(delivery: Delivery, why: str) -> None:
    with settling(delivery.notice_id):
        _attempt(delivery, Status.SENDING).update(
            status=Status.UNSURE, finished_at=Now(), leased_until=None, last_error=why
        )


def pause_after(attempts: int) -> float:
    """15 s, 30 s, 1 min … an hour; a little apart, so that what failed together does not come back together."""
    return float(min(FIRST_SECONDS * 2 ** (attempts - 1), MOST_SECONDS) * random.uniform(1, 1.1))  # noqa: S311


def _rest(channel: Channel, fault: NotTaken) -> None:
    pause = timedelta(seconds=max(fault.after, pause_after(min(channel.failures + 1, 6))))
    Channel.objects.filter(pk=channel.pk).update(failures=F("failures") + 1, retry_at=Now() + pause)


def _attempt(delivery: Delivery, *still: Status) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, status__in=still)

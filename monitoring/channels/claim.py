"""A delivery that is due, for one sender alone."""

from __future__ import annotations

from django.db import connection

from monitoring.models import Delivery

# Longer than any call may take: a mail server has ten seconds for each of its answers.
LEASE_SECONDS = 120

STATEMENT = """
    UPDATE monitoring_delivery SET status = 'sending', attempts = attempts + 1, tried_at = statement_timestamp(),
        leased_until = statement_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = (
        SELECT d.id FROM monitoring_delivery AS d JOIN monitoring_channel AS c ON c.id = d.channel_id
        WHERE d.channel_id = %(channel)s AND d.status = 'waiting' AND d.next_try_at <= statement_timestamp()
            AND c.enabled AND coalesce(c.retry_at, statement_timestamp()) <= statement_timestamp()
        ORDER BY d.next_try_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
    )
    RETURNING id"""

DUE = """
    SELECT c.id FROM monitoring_channel AS c
    WHERE c.enabled AND coalesce(c.retry_at, statement_timestamp()) <= statement_timestamp() AND EXISTS (
        SELECT FROM monitoring_delivery AS d
        WHERE d.channel_id = c.id AND d.status = 'waiting' AND d.next_try_at <= statement_timestamp()
    )"""


def due_channels() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        return [channel for (channel,) in cursor.fetchall()]


def claim_delivery(channel_id: int) -> Delivery | None:
    """Committed before anything is sent: whoever is killed from here on leaves a delivery that says so."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"lease": LEASE_SECONDS, "channel": channel_id})
        row = cursor.fetchone()
    return Delivery.objects.select_related("notice", "channel").get(pk=row[0]) if row else None

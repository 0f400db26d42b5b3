"""New notices to the channels that take their topic. One statement: each notice is handed out once, whoever asks."""

from __future__ import annotations

from django.db import connection

MOST = 500

STATEMENT = """
    WITH due AS (
        SELECT id, topic FROM monitoring_notice WHERE state = 'new' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ), made AS (
        INSERT INTO monitoring_delivery (notice_id, channel_id)
        SELECT due.id, c.id FROM due JOIN monitoring_channel AS c
            ON c.enabled AND (c.topics = '{}' OR due.topic = ANY(c.topics))
        ON CONFLICT DO NOTHING
        RETURNING notice_id
    )
    UPDATE monitoring_notice AS n
    SET state = CASE WHEN EXISTS (SELECT FROM made WHERE made.notice_id = n.id) THEN 'waiting' ELSE 'kept' END
    FROM due WHERE n.id = due.id"""


def hand_out() -> int:
    """How many were handed out. What nobody takes is kept: it stands in the outbox, and no longer waits."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [MOST])
        return int(cursor.rowcount)

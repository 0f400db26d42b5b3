"""The topics that notices were written about so far: a channel for one that does not exist would be silent for ever."""

from __future__ import annotations

from django.db import connection

# From one topic to the next by the index; DISTINCT would read every notice there ever was.
STATEMENT = """
    WITH RECURSIVE topics AS (
        (SELECT topic FROM monitoring_notice ORDER BY topic LIMIT 1)
        UNION ALL
        SELECT (SELECT n.topic FROM monitoring_notice AS n WHERE n.topic > t.topic ORDER BY n.topic LIMIT 1)
        FROM topics AS t WHERE t.topic IS NOT NULL
    )
    SELECT topic FROM topics WHERE topic IS NOT NULL AND topic <> 'test'"""


def known_topics() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT)
        return [topic for (topic,) in cursor.fetchall()]

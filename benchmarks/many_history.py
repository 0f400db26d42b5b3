"""As many changes as asked for, made inside the database, and an entry of the audit log for each fifth: for benchmarks.

One product in twenty thousand changes all the time, one change in a thousand came from outside, one in a hundred was a
deletion.
"""

from __future__ import annotations

from django.db import connection

from benchmarks.unguarded import unguarded

CHANGES = """
    INSERT INTO monitoring_change (pgh_label, pgh_created_at, pgh_model, pgh_obj_model, pgh_obj_id, row_id, name,
        fields, before, after, via, actor_id, by, place, action, request_id, trace_id)
    SELECT CASE WHEN n %% 100 = 0 THEN 'deleted' WHEN n %% 10 = 0 THEN 'added' ELSE 'changed' END,
        now() - (%(changes)s - n) * interval '1 year' / %(changes)s, t.model, t.model, t.object, t.object,
        'Row ' || t.object, CASE WHEN n %% 10 = 0 THEN '{}'::text[] ELSE ARRAY[t.field] END,
        CASE WHEN n %% 100 = 0 OR n %% 10 <> 0 THEN jsonb_build_object(t.field, n) END,
        CASE WHEN n %% 100 <> 0 THEN jsonb_build_object(t.field, n + 1) END,
        CASE WHEN n %% 1000 = 7 THEN 'outside' WHEN n %% 20 = 3 THEN 'task' ELSE 'web' END,
        CASE WHEN n %% 1000 <> 7 THEN %(actor)s END, '', 'POST /admin/', 'change', 'many-' || n / 5, ''
    FROM generate_series(1, %(changes)s) AS n
    CROSS JOIN LATERAL (SELECT
        (ARRAY['catalog.product', 'catalog.product', 'inventory.stocklevel', 'batches.deadletter'])[1 + n %% 4]
            AS model,
        CASE WHEN n %% 20 = 0 THEN '77' ELSE (n::bigint * 7919 %% 20000)::text END AS object,
        CASE WHEN n %% 500 = 1 THEN 'barcode' ELSE (ARRAY['price', 'status', 'reorder_point', 'status'])[1 + n %% 4] END
            AS field) AS t"""
ENTRIES = """
    INSERT INTO monitoring_auditentry (actor_id, action, subject, subject_id, allowed, reason, details, request_id,
        trace_id, at)
    SELECT %(actor)s, 'change', 'product', (n::bigint * 7919 %% 20000)::text, n %% 50 <> 0, 'Reason ' || n, '{}',
        'many-' || n, '',
        now() - (%(changes)s / 5 - n) * interval '5 year' / %(changes)s
    FROM generate_series(1, %(changes)s / 5) AS n"""
TABLES = ("monitoring_change", "monitoring_auditentry")


def build(*, changes: int, actor: int) -> None:
    """Beside what is there. The planner's statistics are brought up to date."""
    with unguarded(TABLES) as cursor:
        for step in (CHANGES, ENTRIES):
            cursor.execute(step, {"changes": changes, "actor": actor})
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE {table}")

"""The two statements of a posting. Few round trips matter: whoever sells the same product waits for them."""

from __future__ import annotations

# The insert decides whose key it is: a second one waits here until the first has ended. The rest is read without locks:
# a level that is there stays there, and an archiving at the same moment may as well have come just after.
OPEN = """
    WITH opened AS (
        INSERT INTO inventory_stockposting
            (key, content, kind, reason, reference, actor_id, reverses_id, trace_id, request_id)
        VALUES (%(key)s, %(content)s, %(kind)s, %(reason)s, %(reference)s, %(actor)s, %(reverses)s, %(trace)s,
            %(request)s)
        ON CONFLICT DO NOTHING
        RETURNING id, at,
            CASE WHEN %(idle)s <> '' THEN set_config('idle_in_transaction_session_timeout', %(idle)s, true) END
    )
    SELECT opened.id, opened.at, line.number, product.sku, product.status, location.code, location.is_active, level.id
    FROM unnest(%(products)s::bigint[], %(locations)s::bigint[])
        WITH ORDINALITY AS line (product_id, location_id, number)
    LEFT JOIN catalog_product product ON product.id = line.product_id
    LEFT JOIN inventory_location location ON location.id = line.location_id
    LEFT JOIN inventory_stocklevel level
        ON level.product_id = line.product_id AND level.location_id = line.location_id
    LEFT JOIN opened ON true
    ORDER BY line.number"""

# In the order of product and location, before any level is locked: two that need the same new levels cannot wait for
# each other.
ADD_LEVELS = """
    INSERT INTO inventory_stocklevel (product_id, location_id, on_hand, reserved, reorder_point, reorder_quantity)
    SELECT line.product_id, line.location_id, 0, 0, 0, 0
    FROM unnest(%(products)s::bigint[], %(locations)s::bigint[]) AS line (product_id, location_id)
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING"""

# `level` locks in the order of the primary key and reads what is true once it has the locks; nothing is written unless
# every line fits. One row for each line, with the balance before and after, whether it fits or not.
WRITE = """
    WITH level AS MATERIALIZED (
        SELECT level.id, level.product_id, level.location_id, level.on_hand, level.reserved, level.reorder_point
        FROM inventory_stocklevel level
        JOIN unnest(%(products)s::bigint[], %(locations)s::bigint[]) AS asked (product_id, location_id)
            ON asked.product_id = level.product_id AND asked.location_id = level.location_id
        ORDER BY level.id
        FOR UPDATE OF level
    ), line AS MATERIALIZED (
        SELECT asked.*, level.id AS level_id, level.on_hand, level.reserved, level.reorder_point,
            CASE WHEN reserved_first THEN -least(level.reserved, -quantity) ELSE change END AS reserving
        FROM unnest(%(products)s::bigint[], %(locations)s::bigint[], %(quantities)s::bigint[], %(changes)s::bigint[],
            %(firsts)s::bool[], %(notes)s::text[])
            WITH ORDINALITY AS asked (product_id, location_id, quantity, change, reserved_first, note, number)
        JOIN level ON level.product_id = asked.product_id AND level.location_id = asked.location_id
    ), fits AS (
        SELECT FROM line
        HAVING bool_and(reserved + reserving BETWEEN 0 AND on_hand + quantity AND on_hand + quantity <= %(most)s)
    ), moved AS (
        INSERT INTO inventory_stockmovement
            (posting_id, line, kind, product_id, location_id, quantity, reserved, on_hand_after, reserved_after, note,
            at)
        SELECT %(posting)s, number, %(kind)s, product_id, location_id, quantity, reserving,
            on_hand + quantity, reserved + reserving, note, %(at)s::timestamptz
        FROM line, fits ORDER BY number
    ), written AS (
        UPDATE inventory_stocklevel level
        SET on_hand = line.on_hand + line.quantity, reserved = line.reserved + line.reserving, updated_at = now()
        FROM line, fits WHERE level.id = line.level_id
    )
    SELECT level_id, number, on_hand, reserved, on_hand + quantity, reserved + reserving, reorder_point
    FROM line ORDER BY level_id"""

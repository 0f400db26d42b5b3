"""What is said to the database. Few round trips matter: whoever sells the same product waits for them."""

from __future__ import annotations

# One row for each line, in their order: product and location, the level before and after, whether it fits or not.
# No row: the key was there. The function is in migration 0002.
POST = """
    SELECT posting, moment, sku, status, code, is_active, level, on_hand_before, reserved_before, on_hand_after,
        reserved_after, reorder_at
    FROM inventory_post(%(key)s, %(content)s, %(kind)s, %(reason)s, %(reference)s, %(actor)s, %(reverses)s, %(trace)s,
        %(request)s, %(products)s::bigint[], %(locations)s::bigint[], %(quantities)s::bigint[], %(changes)s::bigint[],
        %(firsts)s::boolean[], %(notes)s::text[], %(most)s, %(own)s, %(at)s::timestamptz, %(alone)s)"""
# What the function says of itself when it is `alone` and there is more to the posting than its rows.
MORE_TO_IT = "NS001"

ADD_LEVEL = """
    INSERT INTO inventory_stocklevel (product_id, location_id, on_hand, reserved, reorder_point, reorder_quantity)
    VALUES (%s, %s, 0, 0, 0, 0)
    ON CONFLICT DO NOTHING"""

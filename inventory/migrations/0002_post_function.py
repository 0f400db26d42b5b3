"""The posting itself, where the rows are: PostgreSQL plans its statements once a connection, and not once a posting.

`inventory.ledger.post` alone calls it; a changed function is a further migration. Order of locks: the posting's key, new
levels by product and location, levels by primary key.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION inventory_post(
    key text, content bytea, kind text, reason text, reference text, actor bigint, reverses bigint, trace text,
    request text, products bigint[], locations bigint[], quantities bigint[], changes bigint[], firsts boolean[],
    notes text[], most bigint, own boolean
) RETURNS TABLE (
    posting bigint, moment timestamptz, sku text, status text, code text, is_active boolean, level bigint,
    on_hand_before integer, reserved_before integer, on_hand_after bigint, reserved_after bigint, reorder_at integer
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    new_posting bigint;
    new_moment timestamptz;
BEGIN
    -- Of a transaction that is the posting's own: a process that is stopped in the middle loses its locks after that.
    IF $17 THEN
        PERFORM set_config('idle_in_transaction_session_timeout', '30s', true);
    END IF;

    -- Decides whose key it is: a second one waits here until the first has ended. No row is the answer to it.
    INSERT INTO inventory_stockposting
        (key, content, kind, reason, reference, actor_id, reverses_id, trace_id, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
    RETURNING id, at INTO new_posting, new_moment;
    IF new_posting IS NULL THEN
        RETURN;
    END IF;

    -- Before any level is locked, and in one order: two that need the same new levels cannot wait for each other.
    INSERT INTO inventory_stocklevel (product_id, location_id, on_hand, reserved, reorder_point, reorder_quantity)
    SELECT line.product_id, line.location_id, 0, 0, 0, 0
    FROM unnest($10, $11) AS line (product_id, location_id)
    WHERE NOT EXISTS (
        SELECT FROM inventory_stocklevel known
        WHERE known.product_id = line.product_id AND known.location_id = line.location_id
    )
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;

    -- `line` locks in the order of the primary key and reads what is true once it has the locks. Nothing is written
    -- unless every line fits; what did not fit is told with what was there.
    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT asked.number, asked.product_id, asked.location_id, asked.quantity, asked.note, level.id AS level_id,
            level.on_hand, level.reserved, level.reorder_point,
            CASE WHEN asked.first THEN -least(level.reserved, -asked.quantity) ELSE asked.change END AS change
        FROM unnest($10, $11, $12, $13, $14, $15)
            WITH ORDINALITY AS asked (product_id, location_id, quantity, change, first, note, number)
        JOIN inventory_stocklevel level
            ON level.product_id = asked.product_id AND level.location_id = asked.location_id
        ORDER BY level.id
        FOR UPDATE OF level
    ), fits AS MATERIALIZED (
        SELECT FROM line
        HAVING bool_and(reserved + change BETWEEN 0 AND on_hand + quantity AND on_hand + quantity <= $16)
    ), moved AS (
        INSERT INTO inventory_stockmovement
            (posting_id, line, kind, product_id, location_id, quantity, reserved, on_hand_after, reserved_after, note, at)
        SELECT new_posting, number, $3, product_id, location_id, quantity, change, on_hand + quantity,
            reserved + change, note, new_moment
        FROM line, fits ORDER BY number
    ), written AS (
        UPDATE inventory_stocklevel level
        SET on_hand = line.on_hand + line.quantity, reserved = line.reserved + line.change, updated_at = now()
        FROM line, fits WHERE level.id = line.level_id
    )
    SELECT new_posting, new_moment, product.sku::text, product.status::text, location.code::text, location.is_active,
        line.level_id, line.on_hand, line.reserved, line.on_hand + line.quantity, line.reserved + line.change,
        line.reorder_point
    FROM line
    LEFT JOIN catalog_product product ON product.id = line.product_id
    LEFT JOIN inventory_location location ON location.id = line.location_id
    ORDER BY line.number;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION inventory_post")]

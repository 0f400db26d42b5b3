"""A posting that nothing comes of is one statement, which is its own transaction: one round trip in place of three.

`alone` says so. Where anything has to be told to a person or opened by `inventory.ledger.low_stock`, the function raises NS001
and has written nothing; `inventory.ledger.post` then posts once more, in a transaction. Calls without it go on as before.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("inventory.migrations.0002_post_function").CREATE

# On which side of the reorder point, and of where low stock closes (`low_stock.closes_at`), so many pieces are.
SIDE = """
CREATE FUNCTION inventory_side(available bigint, point bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (available > point)::integer + (available >= point + greatest(1, (point + 9) / 10))::integer $$
"""
CREATE = """
CREATE FUNCTION inventory_post(
    key text, content bytea, kind text, reason text, reference text, actor bigint, reverses bigint, trace text,
    request text, products bigint[], locations bigint[], quantities bigint[], changes bigint[], firsts boolean[],
    notes text[], most bigint, own boolean, happened timestamptz, alone boolean DEFAULT false
) RETURNS TABLE (
    posting bigint, moment timestamptz, sku text, status text, code text, is_active boolean, level bigint,
    on_hand_before integer, reserved_before integer, on_hand_after bigint, reserved_after bigint, reorder_at integer
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    new_posting bigint;
    new_moment timestamptz;
    uneventful bigint;
BEGIN
    -- Of a transaction that is the posting's own: a process that is stopped in the middle loses its locks after that.
    IF $17 THEN
        PERFORM set_config('idle_in_transaction_session_timeout', '30s', true);
    END IF;

    -- The library of triggers looks for this, and where there is none catches an error, in a subtransaction, each time.
    IF coalesce(current_setting('pgtrigger.ignore', true), '') = '' THEN
        PERFORM set_config('pgtrigger.ignore', '{}', true);
    END IF;

    -- Decides whose key it is: a second one waits here until the first has ended. No row is the answer to it.
    INSERT INTO inventory_stockposting
        (key, content, kind, reason, reference, actor_id, reverses_id, trace_id, request_id, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($18, now()))
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
    WHERE NOT $19 OR (
        line.reserved + line.change BETWEEN 0 AND line.on_hand + line.quantity AND line.on_hand + line.quantity <= $16
        AND product.status <> 'archived' AND location.is_active
        AND (line.reorder_point = 0 OR inventory_side(line.on_hand - line.reserved, line.reorder_point)
            = inventory_side(line.on_hand + line.quantity - line.reserved - line.change, line.reorder_point))
    )
    ORDER BY line.number;
    GET DIAGNOSTICS uneventful = ROW_COUNT;

    -- Alone, there is nobody to say what is wrong, or to open what fell low: nothing is written, and it is told so.
    IF $19 AND uneventful < cardinality($10) THEN
        RAISE EXCEPTION 'There is more to this posting than its rows.' USING ERRCODE = 'NS001';
    END IF;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_history")]

    operations = [
        migrations.RunSQL(SIDE, "DROP FUNCTION inventory_side"),
        migrations.RunSQL(["DROP FUNCTION inventory_post", CREATE], ["DROP FUNCTION inventory_post", BEFORE]),
    ]

"""As many products, levels and movements as asked for, made inside the database: for the benchmark, and for tests that
look at what the planner does with them. Ledger and levels agree, as if all had been posted.
"""

from __future__ import annotations

from django.db import connection

from benchmarks.many_products import CATEGORIES, LOCATIONS, PRODUCTS
from benchmarks.unguarded import unguarded
from inventory.ledger.add_up_demand import add_up_demand

# Every product lies at the first location, each twentieth at the others too, and one moves all the time.
LEVELS = """
    INSERT INTO inventory_stocklevel (product_id, location_id, on_hand, reserved, reorder_point, reorder_quantity,
        updated_at)
    SELECT p.id, l.id, 0, 0, CASE WHEN p.id %% 4 = 0 THEN 30 ELSE 0 END, 60, now()
    FROM (SELECT row_number() OVER (ORDER BY id) AS place, id FROM catalog_product) AS p
    CROSS JOIN (SELECT row_number() OVER (ORDER BY id) AS place, id FROM inventory_location) AS l
    WHERE l.place = 1 OR p.place %% 20 = 0 OR p.place = 1
    ORDER BY p.id, l.id"""
POSTINGS = """
    INSERT INTO inventory_stockposting (key, content, kind, reason, reference, trace_id, request_id, at)
    SELECT 'many/' || n, '\\x00', (ARRAY['receipt', 'shipment', 'shipment', 'adjustment', 'shipment'])[1 + n %% 5],
        'Reason ' || n, 'ORDER-' || n, '', '', now() - (%(postings)s - n) * interval '60 days' / %(postings)s
    FROM generate_series(0, %(postings)s - 1) AS n"""
# A posting has fifty lines or so. A level's movements: a delivery, then what is taken from it, round and round.
MOVEMENTS = """
    INSERT INTO inventory_stockmovement (posting_id, line, kind, product_id, location_id, quantity, reserved,
        on_hand_after, reserved_after, note, at)
    SELECT g.id, row_number() OVER (PARTITION BY g.id ORDER BY s.n), g.kind, s.product_id, s.location_id, s.quantity, 0,
        sum(s.quantity) OVER (PARTITION BY s.product_id, s.location_id ORDER BY s.n), 0, '', g.at
    FROM (
        SELECT l.product_id, l.location_id, k::bigint * %(levels)s + l.place AS n,
            CASE WHEN l.place <= 1 THEN k::float / %(hot)s ELSE k::float / %(each)s + l.place::float / %(levels)s
                / %(each)s END AS share,
            CASE WHEN k %% 5 = 0 THEN 40 ELSE -(1 + l.place %% 10) END AS quantity
        FROM (SELECT row_number() OVER (ORDER BY id) AS place, * FROM inventory_stocklevel) AS l
        CROSS JOIN LATERAL generate_series(0, CASE WHEN l.place <= 1 THEN %(hot)s ELSE %(each)s END - 1) AS k) AS s
    JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, kind, at FROM inventory_stockposting) AS g
        ON g.place = least(floor(s.share * %(postings)s)::bigint, %(postings)s - 1)
    ORDER BY s.n"""
BALANCES = """
    UPDATE inventory_stocklevel AS l SET on_hand = m.on_hand_after, reserved = m.on_hand_after / 10, updated_at = m.at
    FROM (SELECT DISTINCT ON (product_id, location_id) * FROM inventory_stockmovement
        ORDER BY product_id, location_id, id DESC) AS m
    WHERE m.product_id = l.product_id AND m.location_id = l.location_id"""
TABLES = ("catalog_category", "catalog_product", "inventory_location", "inventory_stocklevel",
          "inventory_stockposting", "inventory_stockmovement")  # fmt: skip


def build(*, products: int, locations: int = 4, each: int = 5, hot: int = 20_000) -> None:
    """Into empty tables; `each` movements of a level, `hot` of one. Statistics are brought up to date."""
    counts = {"products": products, "locations": locations, "categories": min(300, products)}
    with unguarded(TABLES) as cursor:
        for step in (CATEGORIES, PRODUCTS, LOCATIONS, LEVELS):
            cursor.execute(step, counts)
        cursor.execute("SELECT count(*) FROM inventory_stocklevel")
        (levels,) = cursor.fetchone()
        more = {"levels": levels, "each": each, "hot": hot, "postings": max(levels * each // 50, 1)}
        for step in (POSTINGS, MOVEMENTS, BALANCES):
            cursor.execute(step, more)
        add_up_demand()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE {table}")

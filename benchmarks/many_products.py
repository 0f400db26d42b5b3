"""As many products, categories and levels of stock as asked for, made inside the database: for the benchmark, and for
tests that look at what the planner does with them.
"""

from __future__ import annotations

from django.db import connection

from benchmarks.unguarded import unguarded

# Nine categories at the top, nine in each of them and in each of those, until there are enough. The path is the tree
# library's: four characters a step.
CATEGORIES = """
    WITH RECURSIVE tree AS (
        SELECT n, NULL::int AS above, lpad(to_hex(n), 4, '0') AS path, 1 AS depth FROM generate_series(1, 9) AS n
        UNION ALL
        SELECT t.n * 10 + k, t.n, t.path || lpad(to_hex(k), 4, '0'), t.depth + 1
        FROM tree AS t CROSS JOIN generate_series(1, 9) AS k WHERE t.depth < 3),
    chosen AS (SELECT * FROM tree ORDER BY depth, n LIMIT %(categories)s)
    INSERT INTO catalog_category (path, depth, numchild, name, slug, description, image)
    SELECT upper(t.path), t.depth, (SELECT count(*) FROM chosen AS c WHERE c.above = t.n),
        (ARRAY['衣類', 'Clothes', '食器', 'Kitchen', '文具', 'Paper', '家具', 'Garden', '玩具'])[1 + t.n %% 9]
            || ' ' || t.n, 'many-' || t.n, '', ''
    FROM chosen AS t"""
PRODUCTS = """
    INSERT INTO catalog_product (name, description, sku, price, sale_price, category_id, is_new, is_featured, status,
        barcode, version, created_at, updated_at)
    SELECT
        (ARRAY['半袖シャツ', 'Blue Mug', '湯呑み 大', 'Notebook A5', 'ｺｰﾋｰ豆', 'Oak Shelf', 'ぬいぐるみ くま',
               'Garden Hose', 'タオル 今治'])[1 + s.n %% 9]
            || ' ' || (ARRAY['青', 'Red', '白', 'Small', '限定'])[1 + s.n %% 5] || ' ' || s.n,
        repeat('A description as long as they are in shops. ', 8), 'ZZ-' || s.n, 100 + s.n * 37 %% 90000,
        CASE WHEN s.n %% 50 = 0 THEN 90 END, c.id, s.n %% 200 = 0, s.n %% 400 = 0,
        CASE WHEN s.n %% 300 = 0 THEN 'archived' WHEN s.n %% 5 = 0 THEN 'draft' ELSE 'active' END,
        CASE WHEN s.n %% 100 = 0 THEN '' ELSE s.body || (10 - s.sum %% 10) %% 10 END,
        1, now(), now() - s.n * interval '1 minute'
    FROM (
        SELECT n, body, (SELECT sum(substr(body, k, 1)::int * CASE k %% 2 WHEN 0 THEN 3 ELSE 1 END)::int
                         FROM generate_series(1, 12) AS k) AS sum
        FROM (SELECT n, '49' || lpad(n::text, 10, '0') AS body FROM generate_series(1, %(products)s) AS n) AS b) AS s
    JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM catalog_category) AS c
        ON c.place = s.n %% (SELECT count(*) FROM catalog_category)
    ORDER BY s.n"""
LOCATIONS = """
    INSERT INTO inventory_location (code, name, is_active)
    SELECT 'MANY-' || n, 'Location ' || n, true FROM generate_series(1, %(locations)s) AS n"""
LEVELS = """
    INSERT INTO inventory_stocklevel (product_id, location_id, on_hand, reserved, reorder_point, reorder_quantity,
        updated_at)
    SELECT p.id, l.id, p.id %% 90, p.id %% 3 * (p.id %% 90) / 90, 5, 50, now()
    FROM catalog_product AS p CROSS JOIN inventory_location AS l"""
STEPS = (CATEGORIES, PRODUCTS, LOCATIONS, LEVELS)
TABLES = ("catalog_category", "catalog_product", "inventory_location", "inventory_stocklevel")


def build(*, products: int, categories: int, locations: int) -> None:
    """Into empty tables. The planner's statistics are brought up to date."""
    counts = {"products": products, "categories": categories, "locations": locations}
    with unguarded(TABLES) as cursor:  # levels without movements: no page of products asks for those
        for step in STEPS:
            cursor.execute(step, counts)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE {table}")

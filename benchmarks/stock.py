"""Stock: eight processes post shipments: a line each of many products, of one, and five lines; movements a second.

By the product's own verb, permission and all, each posting a transaction that is on disk when the verb returns. What
was posted is reconciled after each run: a run that does not agree is no run.
"""

from __future__ import annotations

import json
import time

from benchmarks.engine import Run, Worker
from benchmarks.server import superuser

WRITERS = 8
PRODUCTS = 2_000
PIECES = 1_000_000  # of each: none runs out
LINES = 5  # of an order
MANY, HOT = "stock: 2,000 products, 8 writers", "stock: one product, 8 writers"
ORDERS = f"stock: 2,000 products, 8 writers, {LINES} lines a posting"
SELLER = "bench"
EMPTIED = (
    "inventory_lowstock", "inventory_stockmovement", "inventory_stockposting", "inventory_stocklevel",
    "inventory_location", "catalog_product", "monitoring_notice",
)  # fmt: skip


def many(postings: int) -> Run:
    return _run(postings, PRODUCTS)


def hot(postings: int) -> Run:
    return _run(postings, 1)


def orders(postings: int) -> Run:
    return _run(postings, PRODUCTS, LINES)


def _run(postings: int, products: int, lines: int = 1) -> Run:
    location = _fill(products)
    share = postings // WRITERS
    asked = [str(share), str(products), str(location), str(lines)]
    crew = [Worker([str(number), *asked], {}, module="benchmarks.stock_writer") for number in range(WRITERS)]
    began = time.perf_counter()
    for worker in crew:
        worker.go()
    told = [json.loads(worker.listen()) for worker in crew]
    seconds = time.perf_counter() - began
    for worker in crew:
        worker.leave()
    _check(share * WRITERS * lines)
    # Processor time of a posting: the same on a busy machine, where the rate is not.
    spent = {name: 1000 * sum(one[name] for one in told) / (share * WRITERS) for name in ("python", "postgres")}
    for name, cpu in spent.items():
        print(f"  {name}: {cpu:.2f} ms of CPU a posting", flush=True)
    slowest = max(one["slowest_ms"] for one in told)
    return Run(seconds, share * WRITERS * lines, 0, {"slowest_ms": slowest, "cpu_ms": spent})


def _fill(products: int) -> int:
    """Emptied tables, then products 1 to `products` with stock at one location, whose id it returns."""
    from django.contrib.auth.models import User

    from catalog.models import Product, ProductStatus
    from inventory.ledger.post import Item
    from inventory.ledger.receive_goods import receive_goods
    from inventory.models import Location, StockLevel

    with superuser() as connection:
        connection.execute(f"TRUNCATE {', '.join(EMPTIED)} RESTART IDENTITY CASCADE")  # type: ignore[arg-type,unused-ignore]
    Product.objects.bulk_create(
        Product(name=f"Product {number}", sku=f"SKU-{number}", price=100, status=ProductStatus.ACTIVE)
        for number in range(1, products + 1)
    )
    if not User.objects.filter(username=SELLER).exists():
        User.objects.create_superuser(SELLER)
    location = Location.objects.create(code="BENCH", name="The benchmark's")
    items = [Item(pk, location.pk, PIECES) for pk in Product.objects.order_by("pk").values_list("pk", flat=True)]
    receive_goods(items, key="filled", actor=None)
    # Watched as real levels are, and never crossed.
    StockLevel.objects.update(reorder_point=10, reorder_quantity=100)
    with superuser() as connection:
        connection.execute("VACUUM (ANALYZE) inventory_stocklevel, inventory_stockmovement, catalog_product")
        connection.execute("CHECKPOINT")
    return location.pk


def _check(pieces: int) -> None:
    from django.db.models import Sum

    from inventory.ledger.compare import compare
    from inventory.models import StockMovement

    found = compare()
    sold = StockMovement.objects.filter(kind="shipment").aggregate(sold=Sum("quantity"))["sold"]
    if found.differing or sold != -pieces:
        raise SystemExit(f"{pieces} pieces were sold, the ledger says {sold}; {found.differing} levels differ.")

"""A process that sells, one posting after the other: `python -m benchmarks.stock_writer NUMBER POSTINGS …`."""

from __future__ import annotations

import json
import sys
import time
from random import Random


def main(number: int, postings: int, products: int, location: int, lines: int) -> None:
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection

    from benchmarks.server import cpu_seconds
    from benchmarks.stock import SELLER
    from inventory.ledger.post import Item
    from inventory.ledger.ship import ship

    seller = User.objects.get(username=SELLER)
    random, slowest = Random(number), 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    print("ready", flush=True)
    sys.stdin.readline()
    python, postgres = time.process_time(), cpu_seconds(backend)
    for each in range(postings):
        began = time.perf_counter()
        items = [Item(product, location, 1) for product in random.sample(range(1, products + 1), lines)]
        ship(items, key=f"{number}/{each}", actor=seller, reference=f"order {number}-{each}")
        slowest = max(slowest, time.perf_counter() - began)
    told = {"slowest_ms": 1000 * slowest, "python": time.process_time() - python,
            "postgres": cpu_seconds(backend) - postgres}  # fmt: skip
    print(json.dumps(told), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""A process that sells, one piece and one posting at a time: `python -m benchmarks.stock_writer NUMBER POSTINGS …`."""

from __future__ import annotations

import json
import sys
import time
from random import Random


def main(number: int, postings: int, products: int, location: int) -> None:
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection

    from benchmarks.stock import SELLER
    from inventory.ledger.post import Item
    from inventory.ledger.ship import ship

    seller = User.objects.get(username=SELLER)
    random, slowest = Random(number), 0.0
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    for each in range(postings):
        began = time.perf_counter()
        item = Item(random.randint(1, products), location, 1)
        ship([item], key=f"{number}/{each}", actor=seller, reference=f"order {number}-{each}")
        slowest = max(slowest, time.perf_counter() - began)
    print(json.dumps({"slowest_ms": 1000 * slowest}), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

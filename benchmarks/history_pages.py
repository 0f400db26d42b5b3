"""The history's and the audit log's pages at 1,000,000 changes: their median time, and their queries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from benchmarks import asked
from benchmarks.many_history import TABLES, build

CHANGES = 1_000_000
LISTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("changes", "change", {}),
    ("changes, page 100", "change", {"p": "100"}),
    ("changes, by a person", "change", {"actor": "bench"}),
    ("changes, of products", "change", {"object": "product"}),
    ("changes, of one product", "change", {"object": "product 77"}),
    ("changes, of a field", "change", {"field": "price"}),
    ("changes, of a field that seldom changes", "change", {"field": "barcode"}),
    ("changes, deletions", "change", {"kind": "deleted"}),
    ("changes, from outside", "change", {"via": "outside"}),
    ("changes, deletions from outside", "change", {"kind": "deleted", "via": "outside"}),
    ("changes, of a field by nobody", "change", {"field": "price", "actor": "nobody"}),
    ("changes, of a request", "change", {"request": "many-777"}),
    ("audit log", "auditentry", {}),
    ("audit log, refused", "auditentry", {"allowed__exact": "0"}),
)


def pages(changes: int = CHANGES) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of `asked.ROUNDS`, and `queries`. The two tables are emptied before."""
    from benchmarks.server import superuser

    with superuser() as connection:
        connection.execute(f"TRUNCATE {', '.join(TABLES)}")  # type: ignore[arg-type,unused-ignore]
    began = time.monotonic()
    build(changes=changes, actor=asked.administrator().pk)
    print(f"  {changes:,} changes made in {time.monotonic() - began:.0f} s", flush=True)
    return asked.measured(requests())


def requests() -> Iterator[asked.Request]:
    from django.test import Client
    from django.urls import reverse

    from catalog.models import Product
    from monitoring.history.change import Change

    client = Client(SERVER_NAME="localhost")
    client.force_login(asked.administrator())
    for what, model, parameters in LISTS:
        yield what, partial(client.get, reverse(f"admin:monitoring_{model}_changelist"), parameters)
    newest = Change.objects.order_by("-pk")[0].pk
    Product.objects.get_or_create(pk=77, defaults={"name": "Changed all the time", "sku": "HISTORY-77", "price": 1})
    history = reverse("admin:catalog_product_history", args=[77])
    for what, address in {
        "a change": reverse("admin:monitoring_change_change", args=[newest]),
        "history of what changes all the time": history,
        "the same, further back": f"{history}?change={newest // 2}",
        "history of a product": reverse("admin:catalog_product_history", args=[78]),
    }.items():
        yield what, partial(client.get, address)

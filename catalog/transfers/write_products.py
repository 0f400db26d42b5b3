"""A chunk of judged rows, written: new products in one statement, changed ones in another."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from catalog.models import Product
from catalog.transfers.judge import ADDED, CHANGED, Judged
from catalog.transfers.lease import LeaseLost

FIELDS = (
    "name", "description", "price", "sale_price", "category_id", "is_new", "is_featured", "status", "barcode",
)  # fmt: skip
TYPES = ("text", "text", "numeric", "numeric", "bigint", "boolean", "boolean", "text", "text")
UPDATE = """
    UPDATE catalog_product AS p
    SET {fields}, version = p.version + 1, updated_at = now()
    FROM unnest(%s::bigint[], %s::integer[], {types}) AS new (id, version, {names})
    WHERE p.id = new.id AND p.version = new.version""".format(  # noqa: S608 - names of our own
    fields=", ".join(f"{name} = new.{name}" for name in FIELDS),
    types=", ".join(f"%s::{kind}[]" for kind in TYPES),
    names=", ".join(FIELDS),
)


def write_products(judged: Sequence[Judged]) -> None:
    """Inside a transaction that holds the products locked since they were judged."""
    Product.objects.bulk_create([each.product for each in judged if each.outcome == ADDED and each.product])
    changed = [each.product for each in judged if each.outcome == CHANGED and each.product]
    if changed and _update(changed) != len(changed):
        raise LeaseLost("A product that was locked has changed: its row is judged anew.")


def _update(products: list[Product]) -> int:
    columns = [[getattr(product, name) for product in products] for name in ("id", "version", *FIELDS)]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, columns)
        return int(cursor.rowcount)

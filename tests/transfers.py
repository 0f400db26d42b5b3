"""Imports and exports, begun and worked on by the real verbs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from io import BytesIO, StringIO
from typing import Any

from django.contrib.auth.models import User

from catalog.models import Category, Product, Transfer
from catalog.products.which import ProductFilter
from catalog.transfers.begin_export import begin_export
from catalog.transfers.begin_import import begin_import
from catalog.transfers.confirm import confirm
from catalog.transfers.work import work_transfers
from storage import result_storage

FIELDS = (
    "sku", "name", "description", "price", "sale_price", "category_id", "is_new", "is_featured", "status", "barcode",
)  # fmt: skip


def a_person(name: str = "clerk") -> User:
    return User.objects.filter(username=name).first() or User.objects.create_superuser(name)


def a_product(sku: str = "A-1", **values: Any) -> Product:
    return Product.objects.create(**{"sku": sku, "name": f"Name of {sku}", "price": 1000, **values})


def a_category(name: str, parent: Category | None = None, slug: str = "") -> Category:
    new = Category(name=name, slug=slug or name.lower())
    if parent:
        Category.objects.add_child(Category.objects.get(pk=parent.pk), instance=new)
    else:
        Category.objects.add_root(instance=new)
    return new


def csv_of(*rows: Mapping[str, Any]) -> bytes:
    """The columns are the first row's."""
    text = StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def many(count: int, **values: Any) -> bytes:
    return csv_of(
        *({"sku": f"N-{number}", "name": f"New {number}", "price": number, **values} for number in range(count))
    )


def begun(content: bytes, name: str = "products.csv") -> Transfer:
    return begin_import(name, BytesIO(content), len(content), actor=a_person())


def checked(content: bytes, name: str = "products.csv") -> Transfer:
    transfer = begun(content, name)
    work_transfers()
    transfer.refresh_from_db()
    return transfer


def imported(content: bytes, name: str = "products.csv", *, whole: bool = False) -> Transfer:
    transfer = checked(content, name)
    assert transfer.status == "checked", transfer.failure
    confirm(transfer.pk, whole=whole, actor=a_person())
    work_transfers()
    transfer.refresh_from_db()
    return transfer


def exported(kind: str, **filters: str) -> Transfer:
    transfer = begin_export(ProductFilter(**filters), kind, actor=a_person())
    work_transfers()
    transfer.refresh_from_db()
    assert transfer.status == "finished", transfer.failure
    return transfer


def content_of(transfer: Transfer) -> bytes:
    storage = result_storage()
    return b"".join(storage.blocks(transfer.key, storage.stat(transfer.key).version))


def figures(transfer: Transfer) -> dict[str, int]:
    return {name: getattr(transfer, name) for name in ("added", "changed", "same", "refused")}


def counts(added: int = 0, changed: int = 0, same: int = 0, refused: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "same": same, "refused": refused}


def told(transfer: Transfer, outcome: str = "refused") -> dict[int, Any]:
    return dict(transfer.rows.filter(outcome=outcome).values_list("row", "told"))


def state() -> list[tuple[Any, ...]]:
    """Every product, but for when it was made and changed."""
    return list(Product.objects.order_by("sku").values_list(*FIELDS, "version"))


def json_of(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False).encode()

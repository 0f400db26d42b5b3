"""What the tests of the history share: products, SQL by hand, and what was written down."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from catalog.models import Category, Product
from monitoring.history.change import Change


def a_product(sku: str = "MUG-1", **more: Any) -> Product:
    return Product.objects.create(**{"name": "Mug", "sku": sku, "price": "1280.00", **more})


def a_category(name: str) -> Category:
    category: Category = Category.objects.add_root({"name": name, "slug": name.lower()})
    return category


def by_hand(sql: str, *parameters: int | str, program: str = "psql") -> None:
    """As somebody does who has the database's password, and no need of Nightshelf."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [program])
        cursor.execute(sql, parameters)


def changes(**which: Any) -> list[Change]:
    """In the order in which they were written."""
    return list(Change.objects.filter(**which).order_by("pgh_id"))


def the_change(**which: Any) -> Change:
    return Change.objects.get(**which)


def told(change: Change) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return change.pgh_label, change.before or {}, change.after or {}

"""What is done in the shop is told once it is committed, and never when it was not."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from catalog.products.add_product import add_product
from catalog.products.archive_product import archive_product
from catalog.products.save_product import save_product
from inventory.ledger.refused import Shortage
from inventory.ledger.ship import ship
from monitoring.metrics import read
from monitoring.metrics.collect import collector
from tests.catalog import a_product, an_editor
from tests.figures import HOUR, all_of, this_hour
from tests.integration.pages import person, signed_in
from tests.stock import item, stocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def measured(metric: str, **labels: str) -> tuple[int, int]:
    collector().flush()
    summary = all_of(metric, **labels)
    return summary.count, summary.errors


def test_a_posting_is_told_once_under_its_key_and_a_refused_one_never() -> None:
    level, by = stocked(10), person("ship_stock")
    for _ in range(2):
        ship([item(level, 3)], key="order-1", actor=by)
    with pytest.raises(Shortage):
        ship([item(level, 30)], key="order-2", actor=by)
    with transaction.atomic():
        ship([item(level, 1)], key="order-3", actor=by)
        transaction.set_rollback(True)

    assert measured("stock.postings", kind="shipment") == (1, 0)


def test_products_are_told_when_they_are_written() -> None:
    by = an_editor()
    made = add_product({"name": "Mug", "sku": "M-1", "price": "900"}, actor=by)
    save_product(made.pk, {"name": "Mug"}, seen=1, actor=by)  # nothing differs
    save_product(made.pk, {"name": "Cup"}, seen=1, actor=by)
    archive_product(made.pk, actor=by)
    archive_product(made.pk, actor=by)

    assert measured("product.edits") == (3, 0)


def test_a_product_s_page_is_a_view_and_its_list_is_none() -> None:
    product, client = a_product(), signed_in("view_product")
    client.get(reverse("admin:catalog_product_changelist"))
    for _ in range(2):
        assert client.get(reverse("admin:catalog_product_change", args=[product.pk])).status_code == 200
    client.get(reverse("admin:catalog_product_change", args=[product.pk + 999]))

    assert measured("product.views") == (2, 0)


def test_what_people_did_and_were_refused() -> None:
    add_product({"name": "Mug", "sku": "M-1", "price": "900"}, actor=an_editor())
    for _ in range(2):
        with pytest.raises(PermissionDenied):
            add_product({"name": "Cup", "sku": "M-2", "price": "900"}, actor=person(name=f"guest-{_}"))
    with transaction.atomic():
        add_product({"name": "Cup", "sku": "M-3", "price": "900"}, actor=an_editor("rolled-back"))
        transaction.set_rollback(True)

    assert measured("admin.actions", action="add") == (3, 2)
    start = this_hour() - HOUR
    assert set(read.by("admin.actions", "action", start, start + 3 * HOUR)) == {"add"}

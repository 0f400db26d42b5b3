"""Many products at once: the set is frozen, batches are whole, refusals are told, and it is begun once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from catalog.models import BulkEdit, Product
from catalog.products import start_bulk as start_module
from catalog.products import wake_bulk, work_bulk
from catalog.products.cancel_bulk import cancel_bulk
from catalog.products.preview_bulk import newest_of, preview_prices
from catalog.products.price_rule import PriceRule
from catalog.products.refused import Refused
from catalog.products.start_bulk import start_bulk
from catalog.products.which import ProductFilter
from catalog.tasks import edit_in_bulk
from monitoring import audit
from monitoring.models import AuditEntry
from tests.catalog import a_category, a_product, an_editor
from tests.integration.pages import person

pytestmark = pytest.mark.django_db(transaction=True)
TEN_PERCENT = {"target": "price", "way": "percent", "value": "10", "step": "1"}


@pytest.fixture
def hanako() -> User:
    return an_editor()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_bulk, "PER_TRANSACTION", 3)


def products(count: int, **values: Any) -> list[Product]:
    return [a_product(f"SKU-{number}", price=Decimal(100 * number), **values) for number in range(1, count + 1)]


def begun(actor: User, verb: str = "prices", which: ProductFilter | None = None, **more: Any) -> BulkEdit:
    which = which or ProductFilter()
    given = {
        "up_to": newest_of(which),
        "intent_id": uuid4().hex,
        "reason": "new season",
        "parameters": TEN_PERCENT,
        **more,
    }
    return start_bulk(verb, which, given.pop("parameters"), actor=actor, **given)


def prices() -> list[int]:
    return [int(price) for price in Product.objects.order_by("pk").values_list("price", flat=True)]


def test_up_to_a_thousand_are_done_at_once(hanako: User) -> None:
    products(4)

    edit = begun(hanako)

    assert (edit.status, edit.total, edit.done, edit.changed) == ("finished", 4, 4, 4)
    assert prices() == [110, 220, 330, 440]
    assert set(Product.objects.values_list("version", flat=True)) == {2}
    batch = AuditEntry.objects.get(subject="product")
    assert (batch.actor, batch.reason, len(batch.details["changed"])) == (hanako, "new season", 4)


def test_more_is_a_workers_and_each_is_done_once(hanako: User, small_batches: None) -> None:
    products(8)

    edit = begun(hanako)
    assert (edit.status, edit.done) == ("running", 3)
    edit_in_bulk(edit=edit.pk)
    edit_in_bulk(edit=edit.pk)  # a message that comes twice

    edit.refresh_from_db()
    assert (edit.status, edit.done, edit.changed) == ("finished", 8, 8)
    assert prices() == [110, 220, 330, 440, 550, 660, 770, 880]
    assert AuditEntry.objects.filter(subject="product").count() == 3


def test_a_batch_that_fails_leaves_nothing_and_is_done_again(
    hanako: User, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    products(5)
    edit = begun(hanako)

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    real = audit.record
    monkeypatch.setattr(audit, "record", dies)
    with pytest.raises(RuntimeError):
        edit_in_bulk(edit=edit.pk)
    assert prices() == [110, 220, 330, 400, 500]

    monkeypatch.setattr(audit, "record", real)
    edit_in_bulk(edit=edit.pk)
    assert prices() == [110, 220, 330, 440, 550]


def test_what_is_added_meanwhile_is_not_swept_in(hanako: User, small_batches: None) -> None:
    products(4)
    shown = newest_of(ProductFilter())
    a_product("LATE-1", price=Decimal(7))

    edit = begun(hanako, up_to=shown)
    a_product("LATE-2", price=Decimal(7))
    edit_in_bulk(edit=edit.pk)

    assert prices() == [110, 220, 330, 440, 7, 7]


def test_the_set_is_frozen_even_where_the_edit_changes_the_filter(hanako: User, small_batches: None) -> None:
    products(4)

    edit = begun(hanako, which=ProductFilter(price_to="400"), parameters={**TEN_PERCENT, "value": "100"})
    edit_in_bulk(edit=edit.pk)

    assert prices() == [200, 400, 600, 800]


def test_what_a_product_cannot_have_is_refused_and_told(hanako: User) -> None:
    products(2)
    on_sale = a_product("SALE", price=Decimal(1000), sale_price=Decimal(990))
    half = {**TEN_PERCENT, "value": "-50"}

    seen = preview_prices(ProductFilter(), newest_of(ProductFilter()), PriceRule.of(half))
    edit = begun(hanako, parameters=half)

    assert (seen.looked_at, seen.changed, seen.refused) == (3, 2, 1)
    assert (edit.changed, edit.refused) == (2, 1)
    assert "above the price 500.00" in edit.refusals.get(product=on_sale).why
    assert prices() == [50, 100, 1000]
    on_sale.refresh_from_db()
    assert on_sale.version == 1


def test_deleted_meanwhile_is_counted_as_such(hanako: User, small_batches: None) -> None:
    made = products(5)
    edit = begun(hanako)
    made[4].delete()
    edit_in_bulk(edit=edit.pk)

    edit.refresh_from_db()
    assert (edit.status, edit.changed, edit.gone) == ("finished", 4, 1)


def test_category_and_status(hanako: User) -> None:
    products(3)
    mugs = a_category("Mugs")
    a_product("THERE", category=mugs)

    edit = begun(hanako, "category", parameters={"category": mugs.pk})
    assert (edit.changed, edit.same) == (3, 1)
    assert Product.objects.filter(category=mugs).count() == 4
    begun(hanako, "category", which=ProductFilter(text="THERE"), parameters={"category": None})
    assert Product.objects.get(sku="THERE").category is None
    begun(hanako, "status", which=ProductFilter(category=str(mugs.pk)), parameters={"status": "active"})
    assert Product.objects.filter(status="active").count() == 3


def test_a_category_that_is_deleted_meanwhile_takes_nothing(hanako: User, small_batches: None) -> None:
    products(5)
    mugs = a_category("Mugs")
    edit = begun(hanako, "category", parameters={"category": mugs.pk})
    Product.objects.update(category=None)
    mugs.delete()
    edit_in_bulk(edit=edit.pk)

    edit.refresh_from_db()
    assert (edit.status, edit.changed, edit.refused) == ("finished", 3, 2)


def test_the_same_form_twice_begins_once(hanako: User) -> None:
    products(2)

    first, second = (begun(hanako, intent_id="one") for _ in range(2))

    assert first == second
    assert prices() == [110, 220]


def test_cancelled_it_stops_where_it_is(hanako: User, small_batches: None) -> None:
    products(5)
    edit = begun(hanako)

    cancel_bulk(edit.pk, actor=hanako, reason="wrong percent")
    edit_in_bulk(edit=edit.pk)

    assert prices() == [110, 220, 330, 400, 500]
    with pytest.raises(Refused, match="over already"):
        cancel_bulk(edit.pk, actor=hanako, reason="again")


def test_a_silent_one_is_woken(hanako: User, small_batches: None, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    products(5)
    monkeypatch.setattr(start_module, "wake_bulk_edit", lambda pk: None)  # the message is lost
    monkeypatch.setattr(wake_bulk, "wake_bulk_edit", woken.append)
    edit = begun(hanako)

    assert wake_bulk.wake_silent_edits() == 0
    BulkEdit.objects.update(touched_at="2001-02-03T04:05:06Z")
    assert wake_bulk.wake_silent_edits() == 1
    assert woken == [edit.pk]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": " "}, "reason"), ({"up_to": 0}, ""), ({"intent_id": ""}, ""),
     ({"parameters": {**TEN_PERCENT, "value": "0"}}, "value")],
)  # fmt: skip
def test_what_cannot_be_begun_is_refused(hanako: User, changes: dict[str, Any], field: str) -> None:
    products(1)

    with pytest.raises(Refused) as refusal:
        begun(hanako, **changes)

    assert field in refusal.value.fields
    assert not BulkEdit.objects.exists()


def test_who_may_not_changes_nothing() -> None:
    products(1)

    with pytest.raises(PermissionDenied):
        begun(person("view_product", name="viewer"))

    assert prices() == [100]
    assert AuditEntry.objects.get().allowed is False

"""Products added, saved, archived and deleted: what is written, what is refused, and what the audit log has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from catalog.models import Product, ProductImage
from catalog.products.add_product import add_product
from catalog.products.archive_product import archive_product
from catalog.products.delete_product import Fate, delete_product
from catalog.products.differences import of_product
from catalog.products.refused import ChangedMeanwhile, Refused
from catalog.products.save_product import save_product
from inventory.models import Location, StockLevel
from monitoring.models import AuditEntry
from tests.catalog import a_category, a_product, an_editor, barcode
from tests.integration.pages import person
from tests.stock import triggers_off

pytestmark = pytest.mark.django_db(transaction=True)


def entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


def test_a_product_is_added() -> None:
    shirts = a_category("Shirts")
    values = {"name": "シャツ", "sku": "ＳＨ－１", "price": "1280", "category": shirts, "barcode": barcode(1)}

    made = add_product(values, actor=an_editor())

    product: Any = Product.objects.get(pk=made.pk)
    assert (product.sku, product.price, product.category, product.version) == ("SH-1", 1280, shirts, 1)
    assert (entry().action, entry().subject, entry().subject_id) == ("add", "product", str(made.pk))


def test_a_code_that_is_taken_names_who_has_it() -> None:
    a_product("abc-1", name="Mug", barcode=barcode(1))

    with pytest.raises(Refused) as refusal:
        add_product({"name": "Cup", "sku": "ABC-1", "price": 1, "barcode": barcode(1)}, actor=an_editor())

    assert "(as abc-1; upper and lower case count as the same) by Mug" in refusal.value.fields["sku"]
    assert "that of abc-1, Mug" in refusal.value.fields["barcode"]
    assert Product.objects.count() == 1


def test_saving_writes_what_differs_and_counts_the_version() -> None:
    product = a_product(price=Decimal(1000))

    version = save_product(product.pk, {"price": Decimal(1200), "name": product.name}, seen=1, actor=an_editor())

    after: Any = Product.objects.get(pk=product.pk)
    assert (version, after.version, after.price) == (2, 2, 1200)
    assert after.updated_at > product.updated_at
    assert entry().details == {"changed": {"price": ["1000.00", "1200.00"]}, "version": 2}


def test_saving_nothing_new_changes_nothing() -> None:
    product = a_product()

    assert save_product(product.pk, {"name": product.name}, seen=1, actor=an_editor()) == 1
    assert not AuditEntry.objects.exists()


def test_saving_over_somebody_elses_change_is_refused_field_by_field() -> None:
    product, hanako, taro = a_product(name="Mug", price=Decimal(1000)), an_editor("hanako"), an_editor("taro")
    base = of_product(product)
    save_product(product.pk, {"price": Decimal(1100), "is_new": True}, seen=1, actor=hanako)

    with pytest.raises(ChangedMeanwhile) as refusal:
        save_product(product.pk, {"price": Decimal(900), "name": "Cup", "is_new": False}, seen=1, base=base, actor=taro)

    told = {each.field: (each.before, each.theirs, each.yours, each.untouched) for each in refusal.value.differences}
    assert told == {"price": ("1000.00", "1100.00", "900.00", False), "is_new": (False, True, False, True)}
    assert refusal.value.version == 2
    assert Product.objects.get().name == "Mug"


def test_a_product_that_is_gone_is_refused() -> None:
    with pytest.raises(Refused, match="deleted meanwhile"):
        save_product(404, {"name": "x"}, seen=1, actor=an_editor())


@pytest.mark.parametrize("values", [{"price": "-1"}, {"sale_price": "1001"}, {"sku": "a b"}, {"barcode": "123"}])
def test_values_that_cannot_be_are_refused(values: dict[str, str]) -> None:
    product = a_product()

    with pytest.raises(Refused) as refusal:
        save_product(product.pk, values, seen=1, actor=an_editor())

    assert list(refusal.value.fields) == list(values)
    assert Product.objects.get().version == 1


def test_archiving_is_done_once() -> None:
    product, hanako = a_product(), an_editor()

    assert archive_product(product.pk, actor=hanako, reason="out of season")
    assert not archive_product(product.pk, actor=hanako)
    assert (Product.objects.get().status, Product.objects.get().version) == ("archived", 2)
    assert AuditEntry.objects.filter(action="archive", reason="out of season").count() == 1


def test_a_product_without_history_is_deleted_with_its_pictures() -> None:
    product = a_product()
    ProductImage.objects.create(product=product, position=1, key="k")

    done = delete_product(product.pk, actor=an_editor(), reason="typed twice")

    assert done.fate == Fate.DELETED
    assert not Product.objects.exists()
    assert not ProductImage.objects.exists()
    assert (entry().action, entry().details["sku"], entry().reason) == ("delete", "SKU-1", "typed twice")


def test_a_product_with_history_is_archived_instead() -> None:
    product = a_product()
    ProductImage.objects.create(product=product, position=1, key="k")
    place = Location.objects.create(code="A", name="Shelf")
    with triggers_off():  # no movement: the level alone holds the product
        StockLevel.objects.create(product=product, location=place, on_hand=3)

    done = delete_product(product.pk, actor=an_editor())

    assert (done.fate, done.held_by) == (Fate.ARCHIVED, "1 stock level")
    assert "archived instead" in str(done)
    assert (Product.objects.get().status, Product.objects.get().version) == ("archived", 2)
    assert ProductImage.objects.exists()
    assert delete_product(product.pk, actor=an_editor("taro")).fate == Fate.KEPT


def test_who_may_not_is_refused_and_recorded() -> None:
    product, viewer = a_product(), person("view_product", name="viewer")
    for verb in (
        lambda: add_product({"name": "x", "sku": "x", "price": 1}, actor=viewer),
        lambda: save_product(product.pk, {"name": "x"}, seen=1, actor=viewer),
        lambda: archive_product(product.pk, actor=viewer),
        lambda: delete_product(product.pk, actor=None),
    ):
        with pytest.raises(PermissionDenied):
            verb()

    assert of_product(Product.objects.get()) == of_product(product)

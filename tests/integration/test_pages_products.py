"""The products' pages: the list within its budget, the form that loses nothing, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.many_products import build
from catalog.models import Product, ProductImage, Rendition
from catalog.products.save_product import save_product
from inventory.models import Location, StockLevel
from monitoring.models import AuditEntry
from tests.catalog import EDITOR, LIST, a_category, a_product, an_editor, barcode, bulk, change_address, form_of
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of
from tests.stock import triggers_off

pytestmark = MARKS
ADD = "admin:catalog_product_add"
TYPED = {"name": "Mug", "sku": "MUG-1", "price": "1280", "status": "draft"}


@pytest.fixture
def client() -> Client:
    return signed_in(*EDITOR)


# --- The list ---


def test_the_list_shows_what_is_needed(client: Client) -> None:
    shirts = a_category("Shirts", a_category("Clothes"))
    product = a_product(
        "SH-1", name="シャツ", category=shirts, price=1000, sale_price=900, status="active", is_new=True
    )
    place, other = (Location.objects.create(code=code, name=code) for code in "AB")
    with triggers_off():
        StockLevel.objects.create(product=product, location=place, on_hand=5, reserved=2)
        StockLevel.objects.create(product=product, location=other, on_hand=4)
    image = ProductImage.objects.create(product=product, position=1, key="k", status="ready")
    Rendition.objects.create(
        image=image, name="thumbnail", content_type="image/webp", key="thumb.webp", width=80, height=80, size=1
    )

    html = text_of(client.get(reverse(LIST)))

    for part in ("シャツ", "SH-1", "Clothes", "Shirts", "1,000", "900", "Active", "New", "<img"):
        assert part in html
    assert ">9<" in html
    assert "7 available" in html


def test_a_filter_that_is_none_is_told_and_finds_nothing(client: Client) -> None:
    a_product()

    html = text_of(client.get(reverse(LIST), {"price_from": "cheap"}))

    assert "is not a number" in html
    assert "Nothing matches" in html


# --- The form ---


def test_a_product_is_added_as_typed_on_a_japanese_keyboard(client: Client) -> None:
    shirts = a_category("Shirts")
    typed = TYPED | {
        "sku": "ＭＵＧ－１",
        "price": "１，２８０",
        "barcode": "４９０２１０２１１９２４５",
        "category": shirts.pk,
    }

    response = client.post(reverse(ADD), typed)

    assert response.status_code == 302
    product: Any = Product.objects.get()
    assert (product.sku, product.price, product.barcode, product.category) == ("MUG-1", 1280, "4902102119245", shirts)


def test_every_fault_is_said_at_once_and_nothing_typed_is_lost(client: Client) -> None:
    other = a_product("mug-1", name="The <old> mug", barcode=barcode(1))
    typed = {"name": "", "sku": "MUG-1", "barcode": "4902102119244", "price": "10", "sale_price": "11",
             "description": "Long thought about", "status": "active", "is_new": "on"}  # fmt: skip

    response = client.post(reverse(ADD), typed)
    html = text_of(response)

    assert "A product needs a name" in html
    assert "by The &lt;old&gt; mug" in html
    assert change_address(other) in html
    assert "it has to be 5, not 4" in html
    assert "above the price" in html
    assert "Long thought about" in html
    assert "is violated" not in html
    assert Product.objects.count() == 1


def test_opened_and_saved_it_is_as_it_was(client: Client) -> None:
    product = a_product(description="two\nlines", sale_price=900, category=a_category("Mugs"), is_featured=True)

    response = client.post(change_address(product), form_of(text_of(client.get(change_address(product)))))

    assert response.status_code == 302
    assert Product.objects.get().version == 1


def test_it_is_changed(client: Client) -> None:
    product = a_product()
    form = form_of(text_of(client.get(change_address(product))))

    assert client.post(change_address(product), form | {"price": "1500", "is_new": "on"}).status_code == 302

    product.refresh_from_db()
    assert (product.price, product.is_new, product.version) == (1500, True, 2)
    assert AuditEntry.objects.get(subject="product").details["changed"].keys() == {"price", "is_new"}


def test_somebody_elses_change_is_shown_beside_yours_and_can_be_saved_over(client: Client) -> None:
    product = a_product(name="Mug", description="old")
    form = form_of(text_of(client.get(change_address(product)))) | {"price": "900", "description": "mine"}
    save_product(product.pk, {"price": 1100, "is_new": True}, seen=1, actor=an_editor())

    html = text_of(client.post(change_address(product), form))

    assert "Changed meanwhile" in html
    assert "hanako" in html
    for value in ("1000.00", "1100.00", "900.00"):
        assert value in html
    again = form_of(html)
    assert (again["price"], again["description"], again["version"]) == ("900", "mine", "2")
    assert again["is_new"] == "on"  # only they changed it: taken over
    assert Product.objects.get().price == 1100

    assert client.post(change_address(product), again).status_code == 302
    product.refresh_from_db()
    assert (product.price, product.description, product.is_new, product.version) == (900, "mine", True, 3)


def test_theirs_is_taken_by_the_field_and_nothing_is_saved_by_that(client: Client) -> None:
    product = a_product(name="Mug")
    form = form_of(text_of(client.get(change_address(product)))) | {"price": "900", "name": "Cup"}
    save_product(product.pk, {"price": 1100, "name": "Beaker"}, seen=1, actor=an_editor())
    compared = form_of(text_of(client.post(change_address(product), form)))

    taken = form_of(text_of(client.post(change_address(product), compared | {"take": "price"})))

    assert (taken["price"], taken["name"]) == ("1100.00", "Cup")
    assert Product.objects.get().version == 2
    assert client.post(change_address(product), taken).status_code == 302
    product.refresh_from_db()
    assert (product.price, product.name) == (1100, "Cup")


def test_all_of_theirs_can_be_taken(client: Client) -> None:
    product = a_product(name="Mug")
    form = form_of(text_of(client.get(change_address(product)))) | {"price": "900", "name": "Cup"}
    save_product(product.pk, {"price": 1100, "name": "Beaker"}, seen=1, actor=an_editor())
    compared = form_of(text_of(client.post(change_address(product), form)))

    taken = form_of(text_of(client.post(change_address(product), compared | {"take": "all"})))

    assert (taken["price"], taken["name"]) == ("1100.00", "Beaker")


def test_a_third_one_is_noticed_as_well(client: Client) -> None:
    product, hanako = a_product(), an_editor()
    form = form_of(text_of(client.get(change_address(product)))) | {"price": "900"}
    save_product(product.pk, {"price": 1100}, seen=1, actor=hanako)
    compared = form_of(text_of(client.post(change_address(product), form)))
    save_product(product.pk, {"price": 1200}, seen=2, actor=hanako)

    html = text_of(client.post(change_address(product), compared))

    assert "1200.00" in html
    assert form_of(html)["version"] == "3"
    assert Product.objects.get().price == 1200


def test_a_form_without_its_version_is_not_saved(client: Client) -> None:
    product = a_product()
    form = form_of(text_of(client.get(change_address(product)))) | {"version": "", "price": "1"}

    assert "without its version" in text_of(client.post(change_address(product), form))
    assert Product.objects.get().price == 1000


def test_the_page_of_a_product_keeps_its_budget(client: Client) -> None:
    build(products=100, categories=60, locations=2)
    product = Product.objects.order_by("pk")[7]
    client.get(change_address(product))

    with CaptureQueriesContext(connection) as queries:
        assert client.get(change_address(product)).status_code == 200

    assert len(queries) <= BUDGET


@pytest.mark.parametrize(
    ("typed", "most"),
    [({"price": "77"}, 14), ({"sku": "NEW-1", "barcode": barcode(9_999_999)}, BUDGET), ({"category": ""}, 14)],
)
def test_saving_a_product_keeps_its_budget(client: Client, typed: dict[str, str], most: int) -> None:
    build(products=100, categories=60, locations=2)
    product = Product.objects.exclude(category=None).exclude(barcode="").order_by("pk")[7]
    form = form_of(text_of(client.get(change_address(product)))) | typed

    with CaptureQueriesContext(connection) as queries:
        assert client.post(change_address(product), form).status_code == 302

    assert len(queries) <= most


# --- Deleting ---


def test_deleting_says_what_became_of_each(client: Client) -> None:
    plain, kept = a_product("A"), a_product("B")
    StockLevel.objects.create(product=kept, location=Location.objects.create(code="A", name="A"))
    address = f"{reverse('admin:catalog_product_delete_many')}?ids={plain.pk},{kept.pk}"

    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    html = text_of(client.post(address, {"reason": "clearing up"}, follow=True))

    assert "1 product was deleted" in html
    assert "archived instead" in html
    assert [(row.sku, row.status) for row in Product.objects.all()] == [("B", "archived")]


# --- Who may do what ---


def test_a_viewer_sees_and_changes_nothing() -> None:
    product, client = a_product(), signed_in("view_product", name="viewer")

    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(change_address(product)).status_code == 200
    attempts: list[tuple[str, dict[str, Any]]] = [
        (change_address(product), TYPED), (reverse(ADD), TYPED), (bulk("prices"), {"go": "start"}),
        (reverse("admin:catalog_product_delete", args=[product.pk]), {"reason": "r"}),
        (f"{reverse('admin:catalog_product_delete_many')}?ids={product.pk}", {"reason": "r"}),
    ]  # fmt: skip
    assert [client.post(address, data).status_code for address, data in attempts] == [403] * 5
    assert client.post(change_address(product), {**TYPED, "take": "all"}).status_code == 403
    html = text_of(client.get(reverse(LIST)))
    assert "Change prices" not in html
    assert Product.objects.get().version == 1


def test_strangers_see_nothing() -> None:
    client = signed_in(name="stranger")

    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse("admin:catalog_bulkedit_changelist")).status_code == 403

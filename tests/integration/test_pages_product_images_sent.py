"""Images that are sent to a product's page: by its script, by a plain form, and put into another order."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone

from catalog.images.make_renditions import make_renditions
from catalog.images.reorder import order_of
from catalog.models import ImageStatus, Product, ProductImage
from storage import result_storage
from tests.catalog import a_product
from tests.integration.pages import MARKS, signed_in, text_of
from tests.pictures import begun, photo, uploaded
from tests.product_images import at, file, page_of, three_of

pytestmark = MARKS
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def product() -> Product:
    made: Product = a_product()
    return made


@pytest.fixture
def three(product: Product) -> list[ProductImage]:
    return three_of(product)


# --- Uploaded by the script ---


def test_a_script_is_told_where_to_put_a_file(product: Product) -> None:
    client = signed_in("change_product", "view_product")
    content = photo(300, 200)
    asked = {"name": "beach.jpg", "size": len(content), "type": "image/jpeg"}

    told = client.post(at("product_images_begin", product), asked, headers=SCRIPT).json()
    target = told["target"]
    assert (target["method"], target["headers"]) == ("PUT", {"Content-Type": "image/jpeg"})
    assert client.put(target["url"], content, content_type="image/jpeg").status_code == 201
    finish = at("product_image_finish", product, told["image"])
    assert client.post(finish, headers=SCRIPT).json() == {"status": "uploaded"}

    assert make_renditions(told["image"]) is True


def test_a_script_is_told_why_not(admin_client: Client, product: Product) -> None:
    asked = {"name": "beach.svg", "size": "100", "type": "image/svg+xml"}
    refused = admin_client.post(at("product_images_begin", product), asked, headers=SCRIPT)
    assert "is an SVG drawing" in refused.json()["error"]
    nothing = admin_client.post(at("product_images_begin", product), {"size": "many"}, headers=SCRIPT)
    assert nothing.json()["error"] == "The file is empty (0 bytes): there is nothing to show."
    finish = at("product_image_finish", product, begun(product).pk)
    assert "has not arrived" in admin_client.post(finish, headers=SCRIPT).json()["error"]


# --- Without scripts ---


def test_a_plain_form_does_it_too(admin_client: Client, product: Product) -> None:
    told = admin_client.post(page_of(product), {"files": [file("a.jpg"), file("b.svg"), file("c.jpg")]}, follow=True)

    html = text_of(told)
    assert "2 images have been uploaded" in html
    assert "b.svg is an SVG drawing by its name" in html
    assert list(ProductImage.objects.values_list("name", "status")) == [("a.jpg", "uploaded"), ("c.jpg", "uploaded")]
    assert "Choose the pictures to upload." in text_of(admin_client.post(page_of(product), {}, follow=True))


def test_arrows_are_buttons(admin_client: Client, product: Product) -> None:
    a, b, c = (begun(product, f"{number}.jpg").pk for number in range(3))

    told = admin_client.post(at("product_images_order", product), {"earlier": c})
    assert told["Location"].endswith(f"#picture-{c}")
    assert order_of(product.pk) == [a, c, b]
    admin_client.post(at("product_images_order", product), {"later": a})
    assert order_of(product.pk) == [c, a, b]
    admin_client.post(at("product_images_order", product), {"later": b})
    admin_client.post(at("product_images_order", product), {"later": "999"})
    assert order_of(product.pk) == [c, a, b], "the end is the end"


def test_a_script_sends_the_whole_order(admin_client: Client, product: Product) -> None:
    a, b, c = (begun(product, f"{number}.jpg").pk for number in range(3))

    told = admin_client.post(at("product_images_order", product), {"ids": f"{c},{a},nonsense,{b}"}, headers=SCRIPT)

    assert "The order is stored." in text_of(told)
    assert order_of(product.pk) == [c, a, b]


def test_words_are_saved(admin_client: Client, product: Product) -> None:
    image = begun(product)
    address = at("product_image_describe", product, image.pk)

    assert "Saved." in text_of(admin_client.post(address, {"alt": "A beach"}, headers={"HX-Request": "true"}))
    assert admin_client.post(address, {"alt": "A wide beach"})["Location"].endswith(f"#picture-{image.pk}")
    image.refresh_from_db()
    assert image.alt == "A wide beach"
    assert "at most 200" in text_of(admin_client.post(address, {"alt": "x" * 300}, headers={"HX-Request": "true"}))


def test_removal_asks_first(admin_client: Client, product: Product) -> None:
    image = uploaded(product)
    address = at("product_image_remove", product, image.pk)

    assert "Remove beach.jpg" in text_of(admin_client.get(address))
    assert ProductImage.objects.exists()
    told = admin_client.post(address, follow=True)
    assert "beach.jpg has been removed." in text_of(told)
    assert not ProductImage.objects.exists()
    assert admin_client.get(address).status_code == 404


def test_an_upload_whose_end_nobody_told_can_be_looked_for(admin_client: Client, product: Product) -> None:
    image = begun(product)
    html = text_of(admin_client.get(page_of(product)))
    assert "It is on its way to storage." in html
    ProductImage.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    html = text_of(admin_client.get(page_of(product)))
    assert "Look whether it is there" in html

    address = at("product_image_finish", product, image.pk)
    assert "has not arrived" in text_of(admin_client.post(address, follow=True))
    result_storage().put(image.key, BytesIO(photo()))
    admin_client.post(address, follow=True)

    image.refresh_from_db()
    assert image.status == ImageStatus.UPLOADED

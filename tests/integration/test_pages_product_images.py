"""The page of a product's images: with and without scripts, for those who may, and without asking storage."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.images.make_renditions import make_renditions
from catalog.models import Product, ProductImage
from storage import result_storage
from storage.filesystem import RangedFileStorage
from tests.catalog import a_product
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of
from tests.pictures import begun, content_of, keys, uploaded
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


# --- Shown ---


def test_every_state_is_shown(admin_client: Client, product: Product, three: list[ProductImage]) -> None:
    html = text_of(admin_client.get(page_of(product)))

    assert html.count('class="ns-shot"') == 3
    assert html.count("<img src=") == 1
    assert "Its sizes are being made." in html
    assert "bad.jpg is really a PNG, although it says that it is a JPEG" in html
    assert 'hx-trigger="every 2s, refresh"' in html


def test_an_empty_page_says_what_to_do(admin_client: Client, product: Product) -> None:
    html = text_of(admin_client.get(page_of(product)))
    assert "No images yet." in html
    assert "every 2s" not in html, "nothing is going on"
    assert admin_client.get(page_of(Product(pk=4711))).status_code == 404


def test_the_page_asks_storage_nothing_and_the_database_little(
    admin_client: Client, product: Product, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        make_renditions(uploaded(product, f"{number}.jpg").pk)

    def asked(*_: Any) -> None:
        raise AssertionError("storage was asked")

    for verb in ("stat", "blocks", "listing", "exists", "fingerprint"):
        monkeypatch.setattr(RangedFileStorage, verb, asked)
    with django_assert_max_num_queries(BUDGET):
        assert text_of(admin_client.get(page_of(product))).count("<img src=") == 6


def test_the_picture_is_shown_by_a_link_that_runs_out(
    admin_client: Client, product: Product, three: list[ProductImage]
) -> None:
    link = re.search(r'<img src="([^"]+)"', text_of(admin_client.get(page_of(product))))
    assert link

    shown: Any = admin_client.get(link[1])
    assert shown["Content-Type"] == "image/webp"
    rendition = three[0].renditions.get(name="medium", content_type="image/webp")
    assert b"".join(shown.streaming_content) == content_of(rendition.key)
    over = result_storage().link(rendition.key, "image/webp", -1)
    assert admin_client.get(over).status_code == 410


def test_in_full_it_is_opened_by_a_fresh_link(
    admin_client: Client, product: Product, three: list[ProductImage]
) -> None:
    opened = admin_client.get(at("product_image_open", product, three[0].pk))
    shown: Any = admin_client.get(opened["Location"])
    assert b"".join(shown.streaming_content)[8:12] == b"WEBP"
    refused = admin_client.get(at("product_image_open", product, three[2].pk))
    assert refused.status_code == 410
    assert "is really a PNG" in text_of(refused)


def test_who_sees_what(client: Client, product: Product, three: list[ProductImage]) -> None:
    link = result_storage().link(three[0].renditions.all()[0].key, "image/webp", 60)
    stranger, viewer = signed_in("view_imageupload", name="stranger"), signed_in("view_product", name="viewer")

    assert client.get(page_of(product)).status_code == 302, "to the login"
    assert (stranger.get(page_of(product)).status_code, stranger.get(link).status_code) == (403, 403)
    assert (viewer.get(page_of(product)).status_code, viewer.get(link).status_code) == (200, 200)
    html = text_of(viewer.get(page_of(product)))
    for words in ("Add images", "Remove", "Save", "Move "):
        assert words not in html.partition('id="content-main"')[2]
    receipt = result_storage().link("uploads/user-1/1.png", "image/png", 60)
    assert viewer.get(receipt).status_code == 403, "receipts are not products"


def test_what_somebody_wrote_is_never_markup(admin_client: Client, product: Product) -> None:
    attack = "<img src=x onerror=alert(1)>"
    image = begun(product, f"{attack}.jpg")
    ProductImage.objects.filter(pk=image.pk).update(alt=attack, failure=attack, status="refused")

    assert attack not in text_of(admin_client.get(page_of(product)))
    assert attack not in text_of(admin_client.get(at("product_images_live", product), {"after": 0}))


def test_a_buckets_origin_is_let_in_here_alone(admin_client: Client, product: Product, settings: Settings) -> None:
    options = {"bucket_name": "shirts", "region_name": "ap-northeast-1", "access_key": "a", "secret_key": "b"}
    own = admin_client.get(page_of(product))["Content-Security-Policy"]
    assert "connect-src" not in own
    backend = {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}

    policy = admin_client.get(page_of(product))["Content-Security-Policy"]

    host = "https://shirts.s3.ap-northeast-1.amazonaws.com"
    assert f"connect-src 'self' {host};" in policy + ";"
    assert f"img-src 'self' data: {host};" in policy + ";"
    assert "amazonaws" not in admin_client.get("/admin/")["Content-Security-Policy"]


# --- Live ---


def live(client: Client, product: Product, **asked: Any) -> str:
    return text_of(client.get(at("product_images_live", product), asked))


def test_what_becomes_of_an_image_is_followed(admin_client: Client, product: Product) -> None:
    image = uploaded(product)
    before = live(admin_client, product, after=image.pk, id=image.pk)
    assert f'id="picture-{image.pk}-state" hx-swap-oob="true"' in before
    assert "every 2s" in before

    make_renditions(image.pk)
    after = live(admin_client, product, after=image.pk, id=image.pk)

    assert "<img src=" in after
    assert "every 2s" not in after
    assert 'name="alt"' not in after, "what somebody is typing is not replaced"


def test_new_ones_come_and_removed_ones_go(admin_client: Client, product: Product) -> None:
    first = begun(product)
    second = begun(product, "new.jpg")

    html = live(admin_client, product, after=first.pk, id=999_999)

    assert 'hx-swap-oob="beforeend:#pictures"' in html
    assert f'data-image="{second.pk}"' in html
    assert f'data-image="{first.pk}"' not in html
    assert 'id="picture-999999" hx-swap-oob="delete"' in html
    assert f"after={second.pk}" in html


def test_nonsense_is_no_fault_of_the_server(admin_client: Client, product: Product) -> None:
    assert "pictures-live" in live(admin_client, product, after="x", id=["y", "9" * 40])


# --- Permissions ---


def test_viewers_change_nothing(product: Product) -> None:
    image, viewer = begun(product), signed_in("view_product")
    before = ProductImage.objects.values().get()
    for name, more, data in (
        ("product_images", (), {"files": [file()]}), ("product_images_begin", (), {"name": "a.jpg", "size": 9}),
        ("product_images_order", (), {"ids": image.pk}), ("product_image_finish", (image.pk,), {}),
        ("product_image_describe", (image.pk,), {"alt": "x"}), ("product_image_remove", (image.pk,), {}),
    ):  # fmt: skip
        assert viewer.post(at(name, product, *more), data).status_code == 403, name
    assert viewer.get(at("product_image_remove", product, image.pk)).status_code == 403
    assert ProductImage.objects.values().get() == before
    assert keys() == set()


def test_a_look_changes_nothing(admin_client: Client, product: Product) -> None:
    image = begun(product)
    for name, more in (
        ("product_images_begin", ()), ("product_images_order", ()), ("product_image_finish", (image.pk,)),
        ("product_image_describe", (image.pk,)),
    ):  # fmt: skip
        assert admin_client.get(at(name, product, *more)).status_code == 405, name


def test_an_image_is_reached_by_its_own_product_only(admin_client: Client, product: Product) -> None:
    image, other = begun(product), a_product("SKU-2")
    for name in ("finish", "describe", "remove"):
        assert admin_client.post(at(f"product_image_{name}", other, image.pk)).status_code == 404, name
    assert ProductImage.objects.filter(pk=image.pk).exists()

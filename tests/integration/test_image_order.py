"""Order, words and removal: one verb each, recorded, and nothing orphaned for ever."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.images.clean_images import clean_images
from catalog.images.describe import describe
from catalog.images.make_renditions import make_renditions
from catalog.images.refused import Refused
from catalog.images.remove_image import remove_image
from catalog.images.remove_leftovers import remove_leftovers
from catalog.images.reorder import order_of, reorder
from catalog.images.rescue import rescue_images
from catalog.models import Leftover, Product, ProductImage
from catalog.pages.thumbnail import thumbnails
from monitoring.models import AuditEntry
from storage import result_storage
from storage.filesystem import RangedFileStorage
from storage.port import StorageAway
from tests.catalog import a_product
from tests.integration.pages import person
from tests.pictures import begun, keys, photo, somebody, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    made: Product = a_product()
    return made


@pytest.fixture
def four(product: Product) -> list[int]:
    return [begun(product, f"{number}.jpg").pk for number in range(4)]


def places(product: Product) -> list[int]:
    return list(ProductImage.objects.filter(product=product).order_by("position").values_list("position", flat=True))


def test_the_whole_order_in_one_statement(product: Product, four: list[int]) -> None:
    a, b, c, d = four

    with CaptureQueriesContext(
        connection,
    ) as queries:
        reorder(product.pk, [d, b, a, c], actor=somebody())

    assert order_of(product.pk) == [d, b, a, c]
    assert places(product) == [1, 2, 3, 4]
    assert sum("UPDATE" in query["sql"] and "position" in query["sql"] for query in queries) == 1
    entry = AuditEntry.objects.get(action="reorder images")
    assert entry.details == {"before": four, "after": [d, b, a, c]}


def test_the_same_order_changes_and_records_nothing(product: Product, four: list[int]) -> None:
    reorder(product.pk, four, actor=somebody())
    assert not AuditEntry.objects.filter(action="reorder images").exists()


def test_what_came_meanwhile_stays_behind_and_what_went_is_nothing(product: Product, four: list[int]) -> None:
    a, b, c, d = four
    other = begun(a_product("SKU-2"))

    reorder(product.pk, [c, 10**12, c, other.pk, a], actor=somebody())

    assert order_of(product.pk) == [c, a, b, d]
    other.refresh_from_db()
    assert other.position == 1


def test_words_are_kept_and_recorded(product: Product) -> None:
    image = begun(product)

    assert describe(image, "  A shirt\non a  line ", actor=somebody()) is True
    assert describe(image, "A shirt on a line", actor=somebody()) is False

    image.refresh_from_db()
    assert image.alt == "A shirt on a line"
    assert AuditEntry.objects.get(action="describe image").details["after"] == "A shirt on a line"
    with pytest.raises(Refused, match="has 201 characters: at most 200"):
        describe(image, "x" * 201, actor=somebody())


def test_removed_at_once_and_the_others_close_ranks(product: Product, four: list[int]) -> None:
    a, b, c, d = four

    assert remove_image(ProductImage.objects.get(pk=b), actor=somebody()) is True
    assert remove_image(ProductImage(pk=b, product=product), actor=somebody()) is False

    assert order_of(product.pk) == [a, c, d]
    assert places(product) == [1, 2, 3]
    assert AuditEntry.objects.filter(action="remove image", allowed=True).count() == 1


def test_the_next_one_becomes_the_face(product: Product) -> None:
    first, second = uploaded(product, "a.jpg"), uploaded(product, "b.jpg")
    for image in (first, second):
        make_renditions(image.pk)
    describe(second, "the second", actor=somebody())
    assert thumbnails([product.pk])[product.pk].alt == ""

    remove_image(first, actor=somebody())

    assert thumbnails([product.pk])[product.pk].alt == "the second"


def test_its_objects_follow_and_are_asked_for_until_storage_says_yes(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = uploaded(product)
    make_renditions(image.pk)
    remove_leftovers()
    remove_image(image, actor=somebody())
    with monkeypatch.context() as patch:
        patch.setattr(RangedFileStorage, "remove", _away)
        assert remove_leftovers() == 0
    assert len(keys()) == 4
    assert remove_leftovers() == 0, "it rests for a minute"
    Leftover.objects.update(tried_at=timezone.now() - timedelta(minutes=2))

    assert remove_leftovers() == 5

    assert keys() == set()
    assert not Leftover.objects.exists()


def _away(_: Any, wanted: list[str]) -> dict[str, StorageAway]:
    return dict.fromkeys(wanted, StorageAway("S3 is away."))


def test_leftovers_are_rescued_without_their_message(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalog.images import wake

    sent: list[str] = []
    monkeypatch.setattr(wake, "_send", lambda task, **_: sent.append(task.name))
    rescue_images()
    assert sent == []
    Leftover.objects.create(key="products/1/x/original")
    rescue_images()
    assert sent == ["catalog.remove_leftovers"]


def test_a_product_that_is_deleted_takes_its_objects_along(product: Product) -> None:
    make_renditions(uploaded(product).pk)

    Product.objects.filter(pk=product.pk).delete()
    remove_leftovers()

    assert keys() == set()


def test_the_night_forgets_what_never_came(product: Product) -> None:
    late, young = begun(product, "late.jpg"), begun(product, "young.jpg")
    result_storage().put(late.key, BytesIO(photo()))  # it came, and nobody said so
    ProductImage.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(hours=25))

    clean_images()

    assert order_of(product.pk) == [young.pk]
    assert places(product) == [1]
    assert keys() == set()


def test_the_night_finds_objects_that_nobody_speaks_of(product: Product) -> None:
    kept = uploaded(product)
    waiting = uploaded(product, "waiting.jpg")
    make_renditions(kept.pk)
    remove_leftovers()
    ours = keys()
    stray = f"products/{product.pk}/{'0' * 32}"
    for key in (f"{stray}/original", f"{stray}/medium.webp", kept.key, kept.key.replace("original", "huge.webp")):
        result_storage().put(key, BytesIO(b"x"))
    result_storage().put("products/README", BytesIO(b"somebody else's"))

    clean_images()

    assert keys() == {*ours, "products/README"}
    assert waiting.key in ours


def test_it_needs_the_permission(product: Product) -> None:
    image, viewer = begun(product), person("view_product")

    for verb in (
        lambda: reorder(product.pk, [], actor=viewer),
        lambda: describe(image, "x", actor=viewer),
        lambda: remove_image(image, actor=viewer),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert AuditEntry.objects.filter(actor=viewer, allowed=False).count() == 3
    assert ProductImage.objects.filter(pk=image.pk, alt="").exists()


def test_faces_of_many_products_are_one_query(django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    products = [a_product(f"SKU-{number}") for number in range(3)]
    for product in products[:2]:
        for name in ("a.jpg", "b.jpg"):
            make_renditions(uploaded(product, name).pk)
    for verb in ("stat", "blocks", "listing", "exists"):
        monkeypatch.setattr(RangedFileStorage, verb, _asked)

    with django_assert_num_queries(1):
        faces = thumbnails([product.pk for product in products])

    assert faces.keys() == {products[0].pk, products[1].pk}


def _asked(*_: Any) -> None:
    raise AssertionError("storage was asked")

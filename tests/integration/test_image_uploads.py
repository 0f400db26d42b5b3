"""Announced, put into storage, and said to be there: who may, what is refused, and what is left behind."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection

from catalog.images import wake
from catalog.images.begin_upload import begin_upload
from catalog.images.finish_upload import finish_upload
from catalog.images.limits import MAX_BYTES, MOST_IMAGES
from catalog.images.refused import Refused
from catalog.images.remove_leftovers import remove_leftovers
from catalog.models import ImageStatus, Product, ProductImage
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
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    sent: list[tuple[str, dict[str, object]]] = []

    def note(task: Any, **about: object) -> None:
        assert not connection.in_atomic_block, "sent after commit only"
        sent.append((task.name, about))

    monkeypatch.setattr(wake, "_send", note)
    return sent


def begin(product: Product, actor: User | None = None, **about: Any) -> ProductImage:
    told = {"name": "beach.jpg", "size": 1000, "content_type": "image/jpeg", **about}
    return begin_upload(product.pk, actor=actor or somebody(), **told).image


def test_a_row_waits_for_what_was_announced(product: Product) -> None:
    image = begin(product)

    assert (image.status, image.position, image.name, image.uploaded_by) == ("awaited", 1, "beach.jpg", somebody())
    folder, token, name = image.key.removeprefix("products/").split("/")
    assert (folder, name, len(token)) == (str(product.pk), "original", 32)
    assert begin(product).position == 2
    assert AuditEntry.objects.filter(action="upload image", subject_id=product.pk, allowed=True).count() == 2


def test_the_file_is_looked_at_and_a_worker_woken(product: Product, woken: list[Any]) -> None:
    image = uploaded(product)

    assert (image.status, image.size) == (ImageStatus.UPLOADED, len(photo()))
    assert woken == [("catalog.make_renditions", {"image": image.pk})]


def test_said_twice_it_is_done_once(product: Product, woken: list[Any]) -> None:
    image = uploaded(product)

    assert finish_upload(image, actor=somebody()).status == ImageStatus.UPLOADED
    assert len(woken) == 1


def test_storage_is_never_asked_within_a_transaction(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = RangedFileStorage.stat

    def outside(storage: RangedFileStorage, key: str) -> Any:
        assert not connection.in_atomic_block
        return stat(storage, key)

    monkeypatch.setattr(RangedFileStorage, "stat", outside)
    assert uploaded(product).status == ImageStatus.UPLOADED


def test_what_has_not_arrived_is_told_and_still_awaited(product: Product, woken: list[Any]) -> None:
    image = begun(product)

    with pytest.raises(Refused, match=r"beach\.jpg has not arrived in storage: upload it again\."):
        finish_upload(image, actor=somebody())

    image.refresh_from_db()
    assert image.status == ImageStatus.AWAITED
    assert woken == []


@pytest.mark.parametrize(("size", "told"), [(0, "is empty"), (MAX_BYTES + 1, "at most 20 MB")])
def test_the_size_that_counts_is_storages(product: Product, size: int, told: str) -> None:
    image = begun(product)
    result_storage().put(image.key, BytesIO(b"x" * size))

    with pytest.raises(Refused, match=told):
        finish_upload(image, actor=somebody())

    image.refresh_from_db()
    assert (image.status, told in image.failure) == (ImageStatus.REFUSED, True)
    remove_leftovers()
    assert keys() == set()


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"size": 0}, "beach.jpg is empty"),
        ({"size": MAX_BYTES + 1}, "beach.jpg has 20.0 MB: at most 20 MB"),
        ({"name": "logo.svg"}, "logo.svg is an SVG drawing by its name"),
        ({"name": "IMG_1.HEIC"}, "is a HEIC photo by its name: save it as JPEG"),
    ],
)
def test_some_things_are_refused_before_anything_is_sent(product: Product, about: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told):
        begin(product, **about)

    assert not ProductImage.objects.exists()


def test_a_product_has_only_so_many(product: Product) -> None:
    ProductImage.objects.bulk_create(
        ProductImage(product=product, position=number + 1, key=f"k{number}") for number in range(MOST_IMAGES)
    )
    with pytest.raises(Refused, match="50 images at most"):
        begin(product)


def test_no_product_no_image() -> None:
    with pytest.raises(Refused, match="not there any more"):
        begin(Product(pk=4711))


@pytest.mark.parametrize(
    ("name", "kept"),
    [("C:\\Users\\me\\beach.jpg", "beach.jpg"), ("../../etc/beach.jpg", "beach.jpg"), ("a\0\nb.jpg", "ab.jpg"),
     ("", "The file"), ("x" * 300 + ".jpg", "x" * 196 + ".jpg")],
)  # fmt: skip
def test_of_a_name_only_the_files_own_is_kept(product: Product, name: str, kept: str) -> None:
    assert begin(product, name=name).name == kept


@pytest.mark.parametrize(
    ("told", "kept"),
    [("image/png", "image/png"), ("text/html", "image/jpeg"), ("", "image/jpeg"), ("IMAGE/JPG", "image/jpeg")],
)
def test_nothing_is_stored_as_a_type_that_a_browser_runs(product: Product, told: str, kept: str) -> None:
    assert begin(product, content_type=told).content_type == kept
    assert begin(product, name="beach", content_type="text/html").content_type == "application/octet-stream"


def test_it_needs_the_permission_and_a_refusal_is_recorded(product: Product) -> None:
    viewer, owner = person("view_product", name="viewer"), person("change_product", name="changer")
    image = begin(product, actor=owner)

    with pytest.raises(PermissionDenied):
        begin(product, actor=viewer)
    with pytest.raises(PermissionDenied):
        finish_upload(image, actor=viewer)

    assert AuditEntry.objects.filter(action="upload image", actor=viewer, allowed=False).count() == 2


def test_storage_that_cannot_make_a_target_leaves_no_row(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise StorageAway("There are no credentials.")

    monkeypatch.setattr(RangedFileStorage, "upload_target", away)
    with pytest.raises(StorageAway):
        begin(product)
    assert not ProductImage.objects.exists()


def test_a_broker_that_is_away_does_not_undo_the_upload(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu.exceptions import OperationalError

    from catalog.tasks import make_renditions

    def refuse(**_: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(make_renditions, "delay", refuse)
    assert uploaded(product).status == ImageStatus.UPLOADED


def test_products_without_pictures_have_no_face(product: Product) -> None:
    uploaded(product)
    assert thumbnails([product.pk]) == {}

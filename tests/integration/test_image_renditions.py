"""From the file to its renditions: killed at any step it is done once, and nothing is left lying."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.images import make_renditions as made
from catalog.images import wake
from catalog.images.claim import LeaseLost, claim
from catalog.images.clean_images import clean_images
from catalog.images.make_renditions import make_renditions
from catalog.images.remove_image import remove_image
from catalog.images.remove_leftovers import remove_leftovers
from catalog.images.rescue import rescue_images
from catalog.models import ImageStatus, Leftover, Product, ProductImage, Rendition
from catalog.pages.thumbnail import thumbnails
from storage import result_storage
from storage.filesystem import RangedFileStorage
from storage.port import StorageAway, StorageRefused
from tests.catalog import a_product
from tests.pictures import SECRETS, begun, content_of, keys, photo, pixels_of, png, somebody, uploaded
from tests.renditions import FILES, Killed, a_minute_later, files, killed_at, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    made: Product = a_product()
    return made


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    sent: list[Any] = []
    monkeypatch.setattr(wake, "_send", lambda task, **about: sent.append((task.name, about)))
    return sent


def test_a_photo_becomes_its_renditions_and_goes(product: Product) -> None:
    image = uploaded(product, content=photo(1000, 500, orientation=6))

    assert make_renditions(image.pk) is True
    remove_leftovers()

    image.refresh_from_db()
    assert (image.status, image.width, image.height, image.content_type) == ("ready", 500, 1000, "image/jpeg")
    assert files() == FILES, "the original, and with it the place, is gone from storage"
    for rendition in image.renditions.all():
        content = content_of(rendition.key)
        assert rendition.size == len(content)
        assert (rendition.width, rendition.height) == pixels_of(content).size
        assert not [secret for secret in SECRETS if secret in content]
    assert thumbnails([product.pk])[product.pk].width == 80


def test_done_is_done(product: Product) -> None:
    image = uploaded(product)
    make_renditions(image.pk)

    assert make_renditions(image.pk) is False
    assert Rendition.objects.count() == 4


@pytest.mark.parametrize("call", range(1, 7))
def test_killed_at_any_call_of_storage_it_is_done_once(product: Product, woken: list[Any], call: int) -> None:
    image = uploaded(product)
    woken.clear()
    with killed_at(call) as calls, pytest.raises(Killed):
        work(image.pk)
    assert len(calls) == call, calls

    assert make_renditions(image.pk) is False, "as far as anybody knows, it is still in hand, or done"
    a_minute_later()
    rescue_images()
    for _, about in woken:
        if "image" in about:
            make_renditions(**about)
    remove_leftovers()

    image.refresh_from_db()
    assert (image.status, Rendition.objects.count(), files()) == (ImageStatus.READY, 4, FILES)
    assert not Leftover.objects.exists()


def test_killed_between_the_files_and_the_rows(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the transaction that would have said so: nothing was said, and the same files are made again."""
    image = uploaded(product)
    with monkeypatch.context() as patch:
        patch.setattr(made, "leave", _killed)
        with pytest.raises(Killed):
            make_renditions(image.pk)
    assert files() == {*FILES, "original"}
    assert not Rendition.objects.exists()
    before = {key: result_storage().stat(key).version for key in keys() if not key.endswith("original")}

    clean_images()
    assert files() == {*FILES, "original"}, "the night leaves alone what may be in hand"
    a_minute_later()
    assert make_renditions(image.pk) is True
    remove_leftovers()

    assert files() == FILES
    assert {key: result_storage().stat(key).version for key in keys()} == before, "the same bytes in the same places"


def _killed(*_: Any) -> None:
    raise Killed


def test_what_kills_its_worker_three_times_is_refused(product: Product) -> None:
    image = uploaded(product)
    for _ in range(3):
        with killed_at(3), pytest.raises(Killed):
            make_renditions(image.pk)
        a_minute_later()
    assert make_renditions(image.pk) is False

    rescue_images()
    remove_leftovers()

    image.refresh_from_db()
    assert image.status == ImageStatus.REFUSED
    assert "could not be prepared in 3 attempts: each time its worker ended" in image.failure
    assert keys() == set()


def test_who_lost_the_lease_changes_nothing(product: Product) -> None:
    image = uploaded(product)
    slow = claim(image.pk)
    assert slow is not None
    assert claim(image.pk) is None, "one at a time"
    picture = made._fetched_picture(slow)
    rows = made._put(slow, picture)
    a_minute_later()
    assert make_renditions(image.pk) is True

    with pytest.raises(LeaseLost):
        made._ready(slow, picture, rows)
    made._sweep_up(slow)
    remove_leftovers()

    assert (Rendition.objects.count(), files()) == (4, FILES)


def test_removed_while_it_is_being_made_leaves_nothing(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    image = uploaded(product)
    ready = made._ready

    def removed_meanwhile(*arguments: Any) -> bool:
        remove_image(image, actor=somebody())
        remove_leftovers()
        return ready(*arguments)

    monkeypatch.setattr(made, "_ready", removed_meanwhile)
    assert make_renditions(image.pk) is False
    remove_leftovers()

    assert keys() == set()
    assert not Leftover.objects.exists()


@pytest.mark.parametrize("verb", ["stat", "blocks", "put"])
def test_storage_away_is_not_the_pictures_fault(product: Product, woken: list[Any], verb: str) -> None:
    image = uploaded(product)
    woken.clear()
    for _ in range(4):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(RangedFileStorage, verb, _away)
            assert make_renditions(image.pk) is False
        image.refresh_from_db()
        assert (image.status, image.attempts, image.failure) == ("uploaded", 0, "S3 is away.")
    rescue_images()
    assert woken == [], "it rests for a minute"
    a_minute_later()
    rescue_images()
    assert woken == [("catalog.make_renditions", {"image": image.pk})]

    assert make_renditions(image.pk) is True
    image.refresh_from_db()
    assert image.failure == ""


def _away(*_: Any) -> Any:
    raise StorageAway("S3 is away.")


def test_storage_that_says_no_is_asked_three_times(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise StorageRefused("The bucket's policy does not allow it.")

    image = uploaded(product)
    with monkeypatch.context() as patch:
        patch.setattr(RangedFileStorage, "put", refused)
        for _ in range(4):
            make_renditions(image.pk)
            a_minute_later()
        rescue_images()

    image.refresh_from_db()
    assert image.status == ImageStatus.REFUSED
    assert "in 3 attempts: The bucket's policy does not allow it." in image.failure


def test_no_picture_is_refused_with_its_sentence_and_deleted(product: Product) -> None:
    image = uploaded(product, content=b"<svg onload='alert(1)'/>" * 10)

    assert make_renditions(image.pk) is False
    remove_leftovers()

    image.refresh_from_db()
    assert image.status == ImageStatus.REFUSED
    assert image.failure.startswith("beach.jpg is an SVG drawing")
    assert keys() == set()


def test_a_mislabelled_one_is_refused(product: Product) -> None:
    image = uploaded(product, "beach.jpg", png())
    make_renditions(image.pk)
    image.refresh_from_db()
    assert "is really a PNG" in image.failure


def test_gone_before_it_was_read(product: Product) -> None:
    image = uploaded(product)
    result_storage().remove([image.key])

    make_renditions(image.pk)

    image.refresh_from_db()
    assert image.failure == "beach.jpg is not in storage any more: upload it again."


def test_replaced_by_something_huge_after_it_was_measured(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    image = uploaded(product)
    monkeypatch.setattr(made, "MAX_BYTES", 100)
    make_renditions(image.pk)
    image.refresh_from_db()
    assert "larger than was told" in image.failure


def test_no_file_is_read_within_a_transaction(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    def outside(real: Any) -> Any:
        def asked(*arguments: Any) -> Any:
            assert not connection.in_atomic_block
            return real(*arguments)

        return asked

    for verb in ("stat", "put", "remove", "blocks"):
        monkeypatch.setattr(RangedFileStorage, verb, outside(getattr(RangedFileStorage, verb)))
    assert make_renditions(uploaded(product).pk) is True
    remove_leftovers()


def test_who_is_waiting_is_woken_once_a_minute(product: Product, woken: list[Any]) -> None:
    image = uploaded(product)
    woken.clear()
    rescue_images()
    assert woken == [], "it was woken when it came"
    ProductImage.objects.update(woken_at=timezone.now() - timedelta(minutes=2))

    rescue_images()
    rescue_images()

    assert woken == [("catalog.make_renditions", {"image": image.pk})]


def test_what_nobody_put_is_not_woken(product: Product, woken: list[Any]) -> None:
    begun(product)
    a_minute_later()
    rescue_images()
    assert woken == []


def test_an_object_put_again_after_its_work_is_done_goes_at_night(product: Product) -> None:
    image = uploaded(product)
    make_renditions(image.pk)
    remove_leftovers()
    result_storage().put(image.key, BytesIO(photo()))

    clean_images()

    assert files() == FILES

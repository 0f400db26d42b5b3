"""Pictures of one product in many hands at once."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from catalog.images import make_renditions as made
from catalog.images.begin_upload import begin_upload
from catalog.images.leave import leave as leave_behind
from catalog.images.make_renditions import make_renditions
from catalog.images.remove_image import remove_image
from catalog.images.remove_leftovers import remove_leftovers
from catalog.images.reorder import order_of, reorder
from catalog.models import ProductImage, Rendition
from tests.catalog import a_product
from tests.concurrency.racing import PATIENCE, race
from tests.pictures import begun, keys, somebody, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def places(product: int) -> list[int]:
    return list(ProductImage.objects.filter(product=product).order_by("position").values_list("position", flat=True))


def test_two_workers_make_one_set() -> None:
    image = uploaded(a_product())

    assert sorted(race([partial(make_renditions, image.pk)] * 4)) == [False, False, False, True]

    remove_leftovers()
    assert (Rendition.objects.count(), len(keys())) == (4, 4)


def test_uploads_at_once_take_places_of_their_own() -> None:
    product, actor = a_product(), somebody()
    about: dict[str, Any] = {"name": "a.jpg", "size": 10, "content_type": "image/jpeg", "actor": actor}

    race([partial(begin_upload, product.pk, **about) for _ in range(6)])

    assert places(product.pk) == [1, 2, 3, 4, 5, 6]


def test_orders_and_removals_at_once_end_in_one_order() -> None:
    product, actor = a_product(), somebody()
    images = [begun(product, f"{number}.jpg") for number in range(6)]
    ids = [image.pk for image in images]

    race(
        [
            partial(reorder, product.pk, ids[::-1], actor=actor),
            partial(reorder, product.pk, ids[3:] + ids[:3], actor=actor),
            partial(remove_image, images[2], actor=actor),
            partial(begin_upload, product.pk, name="b.jpg", size=10, content_type="image/jpeg", actor=actor),
        ]
    )

    assert places(product.pk) == [1, 2, 3, 4, 5, 6]
    assert ids[2] not in order_of(product.pk)


def test_removed_in_the_moment_it_becomes_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The removal waits for the row; by then there are renditions, and they go as well."""
    image, actor = uploaded(a_product()), somebody()
    within, leave = threading.Event(), leave_behind

    def linger(wanted: Any) -> None:
        within.set()
        waiting.wait(1)  # as long as the other one is held up by the row's lock; it cannot say so
        leave(wanted)

    waiting = threading.Event()
    monkeypatch.setattr(made, "leave", linger)

    def remove() -> bool:
        within.wait(PATIENCE)
        return remove_image(image, actor=actor)

    assert race([partial(make_renditions, image.pk), remove]) == [True, True]

    remove_leftovers()
    assert not ProductImage.objects.exists()
    assert not Rendition.objects.exists()
    assert keys() == set()

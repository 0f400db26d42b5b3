"""Several movers at once: each image is moved by one of them, and none waits for another."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from batches.models import ImageUpload, ResultFile
from batches.moves.claim import claim_batch
from batches.moves.decide import AGAIN, decide
from batches.moves.start import files_to_start, start_file, start_late
from batches.moves.work import move
from storage import result_storage
from storage.filesystem import RangedFileStorage
from tests.builders import image, ingested, receipts
from tests.concurrency.racing import PATIENCE, race
from tests.moves import key_of, keys, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_movers_at_once_move_each_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    original, lock = RangedFileStorage.copy, threading.Lock()

    def counting(storage: Any, source: str, *more: Any) -> None:
        with lock:
            copied.append(source)
        original(storage, source, *more)

    monkeypatch.setattr(RangedFileStorage, "copy", counting)
    uploaded(range(900))
    ingested(receipts(range(900)))

    moved = race([partial(move, PATIENCE)] * 4)

    assert sum(moved) == 900
    assert sorted(copied) == sorted(key_of(number) for number in range(900))
    day = timezone.localdate(ResultFile.objects.get().finished_at).isoformat()
    assert keys() == {key_of(number, moved=day) for number in range(900)}
    assert set(ImageUpload.objects.values_list("status", "claims")) == {("moved", 1)}


def test_claims_at_once_share_no_image() -> None:
    uploaded(range(1000))
    start_file(ingested(receipts(range(1000))).pk)

    batches = [batch for batch in race([claim_batch] * 4) if batch]

    claimed = [claimed.pk for batch in batches for claimed in batch.images]
    assert len(claimed) == len(set(claimed)) > 256


def test_starts_at_once_mark_each_image_once() -> None:
    uploaded(range(500))
    file = ingested(receipts(range(500)))
    race([lambda: start_file(file.pk), start_late] * 2)
    for file_id in files_to_start():
        start_file(file_id)

    assert set(ImageUpload.objects.values_list("status", flat=True)) == {"due"}
    assert list(files_to_start()) == []


def test_two_people_have_the_same_image_moved_again(admin_user: Any) -> None:
    uploaded([1])
    result_storage().remove([key_of(1)])
    ingested(receipts([1]))
    move()
    pk = ImageUpload.objects.get(image_id=image(1)).pk

    outcomes = race([lambda: decide([pk], AGAIN, "it is back", by=admin_user)] * 3)

    assert sorted(outcome.changed for outcome in outcomes) == [0, 0, 1]

"""What is done after the reading is told as exactly as that: images moved and given up, letters tried again."""

from __future__ import annotations

import pytest

from batches.moves.work import move
from storage.filesystem import RangedFileStorage
from storage.port import StorageRefused
from tests.builders import ingested, receipts
from tests.figures import all_of
from tests.moves import uploaded
from tests.redrives import a_rule, dead_letters, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)


def measured(metric: str) -> tuple[int, int]:
    summary = all_of(metric)
    return summary.count, summary.errors


def test_images_are_told_as_moved_and_as_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded(range(5))
    ingested(receipts(range(5)))
    copy = RangedFileStorage.copy

    def refusing(self: RangedFileStorage, source: str, target: str, version: str = "") -> None:
        if source.endswith(("1.png", "3.png")):
            raise StorageRefused("No.")
        copy(self, source, target, version)

    monkeypatch.setattr(RangedFileStorage, "copy", refusing)
    assert move() == 3

    assert measured("batch.images") == (5, 2)
    assert move() == 0
    assert measured("batch.images") == (5, 2)


def test_letters_are_told_as_tried_again() -> None:
    dead_letters(4)
    started()  # without a rule: they fail as before
    run_redrives()
    assert measured("batch.redriven") == (4, 4)

    started(rule=a_rule())
    run_redrives()

    assert measured("batch.redriven") == (8, 4)

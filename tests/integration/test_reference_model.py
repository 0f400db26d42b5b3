"""Random files, duplicates in and between them, chunks worked on in random order: always what a simple model says."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest
from pytest_django import Settings

from batches.models import DeadLetter, ResultFile, Transaction
from batches.pipeline import parse
from tests.builders import balance_of, error_line, ingested, jsonl, line, run_in_order, status_of, taken_in

pytestmark = pytest.mark.django_db(transaction=True)

IMAGES = [f"image-{number}" for number in range(15)]
DEAD = object()


class Model:
    """The rules, in memory: the last line of a file wins, unless a person has reviewed the row."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.reviewed: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.conflicts: set[str] = set()

    def take(self, lines: list[tuple[str, int]]) -> None:
        last = {name: amount for name, amount in lines if amount}
        self.counts["read"] += len(lines)
        self.counts["dead"] += sum(not amount for _, amount in lines)
        self.counts["inserted"] += sum(name not in self.rows for name in last)
        for name, amount in last.items():
            if name in self.reviewed and amount != self.rows[name]:
                self.conflicts.add(name)
            else:
                self.rows[name] = amount


def random_lines(chance: random.Random, count: int) -> list[tuple[str, int]]:
    """(image, amount); amount 0 is a line that is no record."""
    return [(chance.choice(IMAGES), chance.choice([0, 1, 1, 2, 2, 3, 3])) for _ in range(count)]


def written(lines: list[tuple[str, int]]) -> bytes:
    return jsonl(line(name, amount=amount) if amount else error_line(name) for name, amount in lines)


@pytest.mark.parametrize("seed", range(12))
def test_rows_and_balance_are_those_of_the_model(
    seed: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, model = random.Random(seed), Model()
    settings.CHUNK_BYTES = chance.choice([300, 700, 2000])
    monkeypatch.setattr(parse, "BATCH_LINES", chance.choice([1, 3, 20_000]))

    for number in range(3):
        lines = random_lines(chance, chance.randrange(1, 40))
        model.take(lines)
        taken_in(written(lines), f"{number}.jsonl")
        run_in_order(lambda found: chance.sample(found, len(found)))
        _review_some(chance, model)

    assert {row.image_id: int(row.amount) for row in Transaction.objects.all()} == model.rows
    told = balance_of()
    assert (told.read, told.dead, told.inserted) == tuple(model.counts[name] for name in ("read", "dead", "inserted"))
    assert told.pending == told.unread == 0
    conflicts = set(DeadLetter.objects.filter(kind="conflict").values_list("record_id", flat=True))
    assert conflicts >= model.conflicts
    assert conflicts <= model.reviewed
    assert DeadLetter.objects.filter(kind="line").count() == told.dead
    assert set(ResultFile.objects.values_list("status", flat=True)) == {"finished"}
    assert status_of() in {"finished", "with_letters"}


def _review_some(chance: random.Random, model: Model) -> None:
    for name in chance.sample(sorted(model.rows), min(2, len(model.rows))):
        Transaction.objects.filter(image_id=name).update(review="confirmed")
        model.reviewed.add(name)


@pytest.mark.parametrize("seed", range(6))
def test_without_rows_before_every_counter_is_exact(seed: int, settings: Settings) -> None:
    chance = random.Random(100 + seed)
    settings.CHUNK_BYTES = 500
    lines = random_lines(chance, 60)
    last = {name: amount for name, amount in lines if amount}
    taken_in(written(lines))

    run_in_order(lambda found: chance.sample(found, len(found)))

    told = balance_of()
    records = sum(bool(amount) for _, amount in lines)
    assert (told.read, told.dead) == (60, 60 - records)
    assert (told.inserted, told.superseded) == (len(last), records - len(last))
    assert (told.updated, told.unchanged) == (0, 0)
    assert dict(Transaction.objects.values_list("image_id", "amount")) == {
        name: Decimal(amount) for name, amount in last.items()
    }


def test_the_same_file_in_any_order_gives_the_same_rows(settings: Settings) -> None:
    settings.CHUNK_BYTES = 300
    lines = random_lines(random.Random(7), 30)
    ingested(written(lines), "in-order.jsonl")
    rows = set(Transaction.objects.values_list("image_id", "amount"))
    Transaction.objects.all().delete()

    taken_in(written(lines), "backwards.jsonl")
    run_in_order(lambda found: found[::-1])

    assert set(Transaction.objects.values_list("image_id", "amount")) == rows

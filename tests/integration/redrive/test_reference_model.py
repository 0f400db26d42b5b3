"""Random files with dead lines, redriven in random parts and orders: always what a simple model says."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db.models import Sum
from pytest_django import Settings

from batches.letters import allowance
from batches.letters.filters import LetterFilter
from batches.models import Chunk, DeadLetter, Transaction
from tests.builders import balance_of, jsonl, line, run_in_order, status_of, taken_in
from tests.redrives import SWAP, a_rule, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)

IMAGES = [f"image-{number}" for number in range(12)]
DAY = "2026-11-20"


def random_lines(chance: random.Random, *, repeated: bool) -> list[tuple[str, int, bool]]:
    """(image, amount, whether its date can be read). Within a file an image comes once, unless `repeated`."""
    names = chance.choices(IMAGES, k=25) if repeated else chance.sample(IMAGES, chance.randrange(1, len(IMAGES)))
    return [(name, chance.choice([1, 1, 2, 3]), chance.random() < 0.6) for name in names]


def written(lines: list[tuple[str, int, bool]]) -> bytes:
    dates = {True: DAY, False: "20/11/2026"}
    return jsonl(line(name, amount=amount, date=dates[good]) for name, amount, good in lines)


@pytest.mark.parametrize("seed", range(12))
def test_files_and_redrives_in_any_order(seed: int, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a job's lines come in, at once or after a rule: its rows are those of its last lines."""
    chance = random.Random(seed)
    settings.CHUNK_BYTES = chance.choice([300, 700, 2000])
    monkeypatch.setattr(allowance, "BATCH", chance.choice([1, 3, 200]))
    last: dict[str, int] = {}
    read = 0

    for number in range(3):
        lines = random_lines(chance, repeated=False)
        last |= {name: amount for name, amount, _ in lines}
        read += len(lines)
        taken_in(written(lines), f"{number}.jsonl")
        run_in_order(lambda found: chance.sample(found, len(found)))
        assert _dead() == balance_of().dead
        if chance.random() < 0.5:
            _redrive_some(chance)
    while DeadLetter.objects.filter(status="open").exists():
        _redrive_some(chance)

    assert {row.image_id: int(row.amount) for row in Transaction.objects.all()} == last
    told = balance_of()
    assert (told.read, told.dead, told.inserted) == (read, 0, len(last))
    assert status_of() == "finished"
    assert not Chunk.objects.filter(unchanged_ids__isnull=False).exists()


@pytest.mark.parametrize("seed", range(6))
def test_records_that_come_again_in_one_file(seed: int, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(100 + seed)
    settings.CHUNK_BYTES = 500
    monkeypatch.setattr(allowance, "BATCH", chance.choice([1, 3, 200]))
    lines = random_lines(chance, repeated=True)
    taken_in(written(lines))
    run_in_order(lambda found: chance.sample(found, len(found)))

    while DeadLetter.objects.filter(status="open").exists():
        _redrive_some(chance)

    last = {name: amount for name, amount, _ in lines}
    assert {row.image_id: int(row.amount) for row in Transaction.objects.all()} == last
    told = balance_of()
    assert (told.inserted, told.superseded) == (len(last), len(lines) - len(last))
    assert (told.updated, told.unchanged, told.dead) == (0, 0, 0)


def _redrive_some(chance: random.Random) -> None:
    letters = list(DeadLetter.objects.filter(status="open").values_list("pk", flat=True))
    if letters:
        some = chance.sample(letters, chance.randrange(1, len(letters) + 1))
        rule = a_rule(chance.choice([SWAP, [*SWAP, {"op": "remove", "field": "nothing"}]]))
        started(LetterFilter(ids=",".join(map(str, some))), rule=rule)
        run_redrives()
    assert _dead() == balance_of().dead


def _dead() -> int:
    """Open letters, which are the lines not yet put right; by chunk as well."""
    letters = Counter(DeadLetter.objects.filter(kind="line", status="open").values_list("chunk", flat=True))
    chunks = Chunk.objects.filter(dead__gt=0).values_list("pk").annotate(n=Sum("dead"))
    assert dict(letters) == dict(chunks)
    return sum(letters.values())

"""Original lines from storage: the very bytes, in few requests."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from batches import original_line
from batches.letters import fetch_lines as step
from batches.letters.fetch_lines import fetch_lines
from batches.letters.try_lines import LETTERS
from batches.models import Transaction
from storage.filesystem import RangedFileStorage
from tests.builders import error_line, image, ingested, jsonl, line, receipts
from tests.redrives import dead_letters, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The streams that are opened: key and first byte."""
    opened: list[tuple[str, int]] = []
    original = RangedFileStorage.blocks

    def blocks(self: RangedFileStorage, key: str, version: str, start: int = 0) -> Iterator[bytes]:
        opened.append((key, start))
        return original(self, key, version, start)

    monkeypatch.setattr(RangedFileStorage, "blocks", blocks)
    return opened


def mixed(number: int) -> bytes:
    return error_line(image(number)) if number % 3 else line(image(number), description="領収書" * number)


@pytest.mark.parametrize("name", ["results.jsonl", "results.jsonl.gz"])
@pytest.mark.parametrize("block", [7, 300, 2**20])
def test_the_bytes_are_those_that_were_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, requests: list[Any], name: str, block: int
) -> None:
    settings.CHUNK_BYTES = 500
    monkeypatch.setattr("storage.filesystem.BLOCK_BYTES", block)
    content = b"\xef\xbb\xbf" + jsonl(map(mixed, range(60)), end=b"\r\n\n")
    ingested(gzip.compress(content) if name.endswith(".gz") else content, name)
    letters = list(LETTERS.all())
    requests.clear()

    found = {letter.pk: fetched for letter, fetched in fetch_lines(letters)}

    assert len(requests) == 1
    assert len(found) == len(letters) == 40
    for letter in letters:
        fetched = found[letter.pk]
        assert not isinstance(fetched, Exception)
        assert fetched.data == b"".join(original_line.of_letter(letter)) == mixed(int(letter.record_id[-5:]))


def test_hundreds_of_letters_of_a_file_are_a_few_requests(requests: list[Any]) -> None:
    dead_letters(450)
    requests.clear()

    started()
    run_redrives()

    assert len(requests) == 3  # batches of 200


def test_what_lies_far_apart_is_not_read_through(monkeypatch: pytest.MonkeyPatch, requests: list[Any]) -> None:
    monkeypatch.setattr(step, "NEAR_BYTES", 100)
    monkeypatch.setattr("storage.filesystem.BLOCK_BYTES", 50)
    ingested(error_line("a") + b"\n" + receipts(range(50)) + error_line("b") + b"\n")
    requests.clear()

    assert len(list(fetch_lines(LETTERS.all()))) == 2
    assert len(requests) == 2


def test_lines_of_conflicts_are_found_by_their_numbers(settings: Settings) -> None:
    settings.CHUNK_BYTES = 700
    ingested(receipts(range(10)), "before.jsonl")
    Transaction.objects.update(review="confirmed")
    ingested(receipts(range(10), amount=7))

    found = list(fetch_lines(LETTERS.filter(kind="conflict")))

    assert len(found) == 10
    for letter, fetched in found:
        assert not isinstance(fetched, Exception)
        assert fetched.data == line(letter.record_id, amount=7)

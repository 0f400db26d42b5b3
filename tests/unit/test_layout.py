"""Keys, names and ids: what they say, and what they must not be taken for."""

from __future__ import annotations

import hashlib

import pytest

from batches.identity import new_trace_id, receipt_digest
from batches.layout import Place, place_of, result_key


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.out", "a.jsonl.gz.out", "日本.jsonl"])
def test_result_files(name: str) -> None:
    place = place_of(result_key("job-1", name))

    assert place == Place("job-1", name)
    assert not place.is_manifest


def test_bedrocks_manifest() -> None:
    place = place_of("batch-output/abc123/manifest.json.out")

    assert place == Place("abc123", "manifest.json.out")
    assert place.is_manifest


@pytest.mark.parametrize(
    "key",
    [
        "",
        "batch-output/",
        "batch-output/a.jsonl",
        "batch-output//a.jsonl",
        "batch-output/job-1/",
        "batch-output/job-1/a.json",
        "batch-output/job-1/a.jsonl.zip",
        "batch-output/job-1/b/a.jsonl",
        "batch-output/../a.jsonl",
        "batch-output/-job/a.jsonl",
        "batch-output/job 1/a.jsonl",
        "Batch-Output/job-1/a.jsonl",
        "x/batch-output/job-1/a.jsonl",
        "batch-output/job-1/manifest.json",
    ],
)
def test_other_keys_have_no_place(key: str) -> None:
    assert place_of(key) is None


def test_a_transactions_id_is_the_beginning_of_a_sha256() -> None:
    """Y4: the first 24 hex characters of sha256(`jobId#imageId`)."""
    expected = hashlib.sha256("job-1#画像-1".encode()).hexdigest()

    assert receipt_digest("job-1", "画像-1").hex() == expected
    assert receipt_digest("job-1", "画像-1")[:12].hex() == expected[:24]


def test_trace_ids_are_w3c_trace_ids() -> None:
    ids = {new_trace_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(len(id) == 32 and int(id, 16) for id in ids)

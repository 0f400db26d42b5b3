"""What a queue's message says: raw S3 events, SNS envelopes, and what is neither."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batches.doors.message import Read, Record, Unreadable, read_message
from tests.events.cloud import envelope, event, record

NOT_OURS = {
    "not JSON": "hello",
    "empty": "",
    "cut off": '{"Records": [',
    "a list": "[1]",
    "a string": '"Records"',
    "null": "null",
    "another object": '{"detail-type": "Scheduled Event"}',
    "no field": "{}",
    "records of another kind": '{"Records": {"s3": 1}}',
    "an envelope around text": envelope("The build has failed."),
    "an envelope around nothing": envelope(""),
    "an envelope around an envelope": envelope(envelope(event())),
    "nested too deep": "[" * 200_000,
    "a lone surrogate": '{"Records": "\\ud800"}',
}


def read(body: str) -> Read:
    found = read_message(body)
    assert isinstance(found, Read)
    return found


def test_a_raw_event() -> None:
    found = read(event(record("uploads/u/1.png", "b", "abc"), record("batch-output/j/1.jsonl", "b", '"def"')))

    assert found.bad == []
    assert found.records == [
        Record("ObjectCreated:Put", "b", "uploads/u/1.png", "abc"),
        Record("ObjectCreated:Put", "b", "batch-output/j/1.jsonl", "def"),
    ]


def test_an_event_in_an_sns_envelope_is_the_same() -> None:
    body = event(record("uploads/u/1.png", "b"))

    assert read(envelope(body)) == read(body)


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("uploads/u/my+receipt.png", "uploads/u/my receipt.png"),
        ("uploads/u/a%2Bb.png", "uploads/u/a+b.png"),
        ("uploads%2Fu%2Fa.png", "uploads/u/a.png"),
        ("uploads/u/100%25.png", "uploads/u/100%.png"),
        ("uploads/u/%E3%83%AC%E3%82%B7%E3%83%BC%E3%83%88.png", "uploads/u/レシート.png"),
        ("uploads/u/レシート.png", "uploads/u/レシート.png"),
    ],
)
def test_keys_are_decoded(encoded: str, key: str) -> None:
    told = record("x", "b")
    told["s3"]["object"]["key"] = encoded

    assert [found.key for found in read(event(told)).records] == [key]


@pytest.mark.parametrize("wrap", [str, envelope])
def test_a_test_event_is_about_nothing(wrap: Any) -> None:
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-19T00:00:00Z", "Bucket": "b"}

    assert read(wrap(json.dumps(body))) == Read([], [])


@pytest.mark.parametrize("body", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_no_event_is_said_in_a_sentence(body: str) -> None:
    found = read_message(body)

    assert isinstance(found, Unreadable)
    assert found.sentence.startswith("The message is neither an S3 event nor an SNS notification of one")
    assert found.sentence.endswith("Find out who sends it to this queue.")


def spoilt(**changes: Any) -> dict[str, Any]:
    told = record("uploads/u/1.png", "b")
    told["s3"]["object"] |= changes.get("object", {})
    told["s3"]["bucket"] |= changes.get("bucket", {})
    return {
        name: value
        for name, value in (told | changes).items()
        if value is not None and name not in ("bucket", "object")
    }


BAD = {
    "no s3": (spoilt(s3=None), "missing required field `s3`"),
    "no name": (spoilt(eventName=None), "missing required field `eventName`"),
    "a number for a key": (spoilt(object={"key": 7}), "Expected `str`, got `int`"),
    "no key": (spoilt(object={"key": ""}), "its key is empty"),
    "not UTF-8": (spoilt(object={"key": "%ff"}), "can't decode byte 0xff"),
    "NUL": (spoilt(object={"key": "a%00b"}), "contains a NUL character"),
    "a long key": (spoilt(object={"key": "x" * 1025}), "its key has 1025 characters"),
    "no bucket": (spoilt(bucket={"name": ""}), "its bucket name is empty"),
    "a long version": (spoilt(object={"eTag": "x" * 201}), "its ETag has 201 characters"),
    "a number": (7, "Expected `object`, got `int`"),
    "null": (None, "Expected `object`, got `null`"),
}


@pytest.mark.parametrize(("bad", "says"), BAD.values(), ids=BAD)
def test_a_bad_record_fails_only_itself(bad: Any, says: str) -> None:
    good = [record(f"uploads/u/{number}.png", "b") for number in range(9)]

    found = read(event(*good[:4], bad, *good[4:]))

    assert [told.key for told in found.records] == [f"uploads/u/{number}.png" for number in range(9)]
    assert len(found.bad) == 1
    assert found.bad[0].startswith("Record 5 of 10 cannot be read: ")
    assert says in found.bad[0]


@pytest.mark.parametrize(
    ("name", "created"),
    [
        ("ObjectCreated:Put", True),
        ("ObjectCreated:CompleteMultipartUpload", True),
        ("s3:ObjectCreated:Copy", True),
        ("ObjectRemoved:Delete", False),
        ("ObjectRestore:Completed", False),
        ("LifecycleExpiration:Delete", False),
        ("ReducedRedundancyLostObject", False),
    ],
)
def test_only_creations_are_news(name: str, created: bool) -> None:
    assert read(event(record("k", "b", name=name))).records[0].is_creation is created

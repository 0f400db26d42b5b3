"""The body of a queue's message, read: which objects it is about. Pure: no queue, no database, no storage.

S3 sends its events straight to the queue or through an SNS topic, which puts an envelope around them (unless raw
message delivery is on). Keys are URL-encoded in either case, a space as `+`:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

BUCKET_CHARS, KEY_CHARS, VERSION_CHARS = 200, 1024, 200
NEITHER = "The message is neither an S3 event nor an SNS notification of one{}. Find out who sends it to this queue."


class Record(NamedTuple):
    """One object that something happened to. `version` is its ETag, where the event tells it."""

    event: str
    bucket: str
    key: str
    version: str = ""

    @property
    def is_creation(self) -> bool:
        # MinIO and others put the service before the name.
        return self.event.removeprefix("s3:").startswith("ObjectCreated:")


class Read(NamedTuple):
    """What the message says. `bad` has a sentence for each record that cannot be read; the others count."""

    records: list[Record]
    bad: list[str]


class Unreadable(NamedTuple):
    """The message says nothing that we understand, and why."""

    sentence: str


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct, rename="camel"):
    key: str
    e_tag: str = ""


class _S3(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _Record(msgspec.Struct, rename="camel"):
    event_name: str
    s3: _S3


def read_message(body: str) -> Read | Unreadable:
    """Raw S3 event, or SNS envelope around one. A test event, sent when notifications are set up, is empty."""
    found = _decoded(body)
    if isinstance(found, dict) and found.get("Type") == "Notification" and isinstance(found.get("Message"), str):
        found = _decoded(found["Message"])
    if isinstance(found, Unreadable):
        return found
    if not isinstance(found, dict):
        return Unreadable(NEITHER.format(", but a JSON value of another kind"))
    if found.get("Event") == "s3:TestEvent":
        return Read([], [])
    if not isinstance(found.get("Records"), list):
        names = ", ".join(str(name)[:40] for name in list(found)[:8])
        return Unreadable(NEITHER.format(f": its fields are {names}" if names else ": it has no fields"))
    return _read(found["Records"])


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        return Unreadable(NEITHER.format(f": it is not JSON ({fault})"))


def _read(items: list[Any]) -> Read:
    read = Read([], [])
    for number, item in enumerate(items, 1):
        try:
            read.records.append(_record(item))
        except (msgspec.ValidationError, ValueError) as fault:
            read.bad.append(f"Record {number} of {len(items)} cannot be read: {fault}.")
    return read


def _record(item: Any) -> Record:
    told = msgspec.convert(item, _Record)
    key = unquote_plus(told.s3.object.key, errors="strict")
    version = told.s3.object.e_tag.strip('"')
    _check("bucket name", told.s3.bucket.name, BUCKET_CHARS)
    _check("key", key, KEY_CHARS)
    if len(version) > VERSION_CHARS:
        raise ValueError(f"its ETag has {len(version)} characters")
    return Record(told.event_name, told.s3.bucket.name, key, version)


def _check(name: str, value: str, most: int) -> None:
    if not value:
        raise ValueError(f"its {name} is empty")
    if len(value) > most:
        raise ValueError(f"its {name} has {len(value)} characters, more than {most}")
    if "\0" in value:
        raise ValueError(f"its {name} contains a NUL character")

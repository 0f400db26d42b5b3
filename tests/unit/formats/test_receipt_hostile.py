"""Whatever the bytes are, there is one outcome that can be stored, and never an exception."""

import random

from batches.formats.receipt import Receipt, parse_receipt
from batches.formats.rejection import Code, Rejection
from tests.unit.formats.building import answer, fixture_lines, line

CODES = {code.value for code in Code}


def storable(text: str) -> bool:
    text.encode()
    return "\0" not in text


def check(source: bytes) -> None:
    outcome = parse_receipt(source)
    if isinstance(outcome, Rejection):
        assert outcome.code in CODES
        assert all(storable(text) for text in (outcome.field, outcome.message, outcome.excerpt, outcome.record_id))
        assert len(outcome.excerpt) <= 500
        assert outcome.message.endswith((".", "?"))
    else:
        assert isinstance(outcome, Receipt)
        assert all(storable(text) for text in (outcome.image_id, outcome.merchant, outcome.description))


def test_damaged_lines() -> None:
    chance = random.Random(20260203)
    sources = [line(answer()), *fixture_lines("nova"), *fixture_lines("anthropic"), *fixture_lines("model_errors")]
    pieces = [b"\0", b"\xff", b'"', b"{", b"}", b"[", b"\\", b"\\ud800", b"\\u0000", b"1e400", b"null", b",", b"\n"]
    for _ in range(20_000):
        source = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(source))
            source[at : at + chance.choice((0, 1, 5))] = chance.choice(pieces)
        check(bytes(source))


def test_lines_cut_off_anywhere() -> None:
    source = line(answer())
    for length in range(len(source)):
        outcome = parse_receipt(source[:length])
        assert isinstance(outcome, Rejection)
        assert outcome.code == "malformed_json"


def test_random_bytes() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        check(chance.randbytes(chance.randint(0, 200)))

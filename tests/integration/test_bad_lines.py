"""One bad line never costs another: it becomes a letter that says what is wrong, where, and what to do (Y2, Y13)."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from pytest_django import Settings

from batches.models import Chunk, DeadLetter, Transaction
from tests.builders import (
    balance_of,
    counts,
    error_line,
    ids,
    ids_of,
    image,
    ingested,
    jsonl,
    line,
    line_in_file,
    path_of,
    status_of,
    text,
    the_letter,
)

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = (1, 2, 4)
BAD = image(3)


class Case(NamedTuple):
    name: str
    line: bytes
    code: str
    field: str
    says: str


CASES = [
    Case("malformed JSON", b'{"recordId": "image-00003", "modelOutput": }', "malformed_json", "", "not valid JSON"),
    Case("cut in the middle", line(BAD)[:150], "malformed_json", "", "ends in the middle of its JSON"),
    Case("NUL bytes", line(BAD).replace(b"expense", b"expe\0nse"), "nul_bytes", "", "NUL characters"),
    Case("invalid UTF-8", line(BAD).replace(b"expense", b"expe\xffnse"), "invalid_utf8", "", "not valid UTF-8 at byte"),
    Case("deeply nested", b'{"modelInput":' * 100_000, "too_deep", "", "nested too deeply"),
    Case("deeply nested answer", line(BAD, answer='{"a":' * 100_000 + "1" + "}" * 100_000), "too_deep", "", "deep"),
    Case("null", b"null", "not_an_object", "", "is null, not a JSON object"),
    Case("a list", b"[1, 2]", "not_an_object", "", "is a list, not a JSON object"),
    Case("a number", b"17", "not_an_object", "", "not a JSON object"),
    Case("refused by the model", error_line(BAD), "model_error", "error", "400: Image too small"),
    Case("no answer", json.dumps({"recordId": BAD}).encode(), "unknown_shape", "modelOutput", "neither an answer"),
    Case("another type", line(BAD).replace(b'"text": "', b'"text": 5, "x": "'), "unknown_shape", "", "must be"),
    Case("missing field", line(BAD, date=...), "missing_field", "date", "`date` is missing"),
    Case("misspelt field", line(BAD, merchant=..., mercant="x"), "missing_field", "merchant", "`mercant`"),
    Case("amount 0", line(BAD, amount=0), "invalid_amount", "amount", "is zero"),
    Case("amount negative", line(BAD, amount=-5), "invalid_amount", "amount", "is negative"),
    Case("amount NaN", line(BAD, amount=float("nan")), "invalid_number", "amount", "`amount` is NaN"),
    Case("amount 1e308", line(BAD, amount=1e308), "invalid_amount", "amount", "more than 12 digits"),
    Case("amount of 15 digits", line(BAD, amount=10**14), "invalid_amount", "amount", "more than 12 digits"),
    Case("amount true", line(BAD, amount=True), "wrong_type", "amount", "must be a number or text"),
    Case("no such day", line(BAD, date="2026-02-30"), "invalid_date", "date", "`2026-02-30` is not a day of"),
    Case("unknown category", line(BAD, category="snacks"), "unknown_category", "category", "`snacks` is unknown"),
    Case("long merchant", line(BAD, merchant="x" * 10_000), "text_too_long", "merchant", "10,000 characters"),
    Case("NUL in a text", line(BAD, merchant="a\0b"), "nul_bytes", "merchant", "NUL character"),
    Case("empty merchant", line(BAD, merchant="  "), "empty_field", "merchant", "`merchant` is empty"),
    Case("no recordId", b'{"modelOutput": {"generation": "{}"}}', "missing_record_id", "recordId", "is missing"),
    Case("recordId of 10 kB", line("x" * 10_240), "invalid_record_id", "recordId", "10,240 characters"),
    Case("recordId a number", line(7), "invalid_record_id", "recordId", "`recordId` must be text"),
    Case(
        "recordId twice",
        b'{"recordId": "a", "recordId": "b", "modelOutput": {"generation": "{}"}}',
        "duplicate_record_id",
        "recordId",
        "occurs 2 times",
    ),
    Case("about another image", line(BAD, imageId=image(9)), "image_mismatch", "imageId", "about something else"),
    Case("prose only", line(BAD, answer="I cannot read this."), "no_json_in_answer", "", "no JSON object"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_line_becomes_a_letter_and_the_rest_goes_in(case: Case) -> None:
    good = [line(image(number)) for number in GOOD]

    file = ingested(jsonl([good[0], good[1], case.line, good[2]]))

    letter = the_letter()
    assert (letter.kind, letter.file, letter.line, letter.code) == ("line", file, 3, case.code)
    assert case.says in letter.message
    assert letter.message.endswith((".", "?"))
    assert letter.field == case.field or (not case.field and letter.field)
    assert ids() == ids_of(GOOD)
    assert counts() == {"inserted": 3, "dead": 1}
    assert balance_of().read == 4
    assert (file.status, status_of()) == ("finished", "with_letters")


def test_a_letter_leads_to_the_bytes_of_its_line() -> None:
    bad = line(BAD, amount=-5)

    file = ingested(jsonl([line(image(1)), bad, line(image(2))]))

    letter = the_letter()
    assert letter.offset is not None
    assert letter.length == len(bad)
    assert path_of(file).read_bytes()[letter.offset : letter.offset + letter.length] == bad
    assert "-5" in letter.excerpt


def test_lines_are_numbered_through_all_chunks_with_blank_lines_counted(settings: Settings) -> None:
    settings.CHUNK_BYTES = 1000
    lines = [line(image(number)) if number % 3 else b"null" for number in range(60)]
    lines[10] = lines[31] = b""

    file = ingested(jsonl(lines))

    assert Chunk.objects.filter(file=file).count() > 5
    letters = DeadLetter.objects.order_by("offset")
    assert [line_in_file(letter) for letter in letters] == list(range(1, 61, 3))
    assert balance_of().read == 58
    assert ids() == ids_of(number for number in range(60) if number % 3 and number not in (10, 31))


def test_every_bad_line_at_once(settings: Settings) -> None:
    settings.CHUNK_BYTES = 50_000
    bad = [case.line for case in CASES]
    good = [line(image(number)) for number in range(100, 100 + len(bad))]

    ingested(jsonl(piece for pair in zip(good, bad, strict=True) for piece in pair))

    assert set(DeadLetter.objects.values_list("code", flat=True)) == {case.code for case in CASES}
    assert ids() == ids_of(range(100, 100 + len(bad)))
    assert counts() == {"inserted": len(bad), "dead": len(bad)}


def test_a_field_nobody_knows_is_ignored() -> None:
    ingested(jsonl([line(image(1), loyaltyPoints=12, transactionId="made up", ttl=1)]))

    assert ids() == ids_of([1])
    assert status_of() == "finished"


@pytest.mark.parametrize(
    ("said", "stored"), [("仕入れ", "purchase"), ("売上", "sale"), ("送料", "shipping"), ("その他", "other")]
)
def test_a_japanese_category_is_understood(said: str, stored: str) -> None:
    ingested(jsonl([line(image(1), category=said)]))

    assert Transaction.objects.get().category == stored


@pytest.mark.parametrize(
    ("amount", "stored"),
    [("¥1,280", "1280.00"), ("１，２８０円", "1280.00"), (1280.10, "1280.10"), ("1,280.05", "1280.05"), (0.1, "0.10")],
)
def test_amounts_are_exact(amount: object, stored: str) -> None:
    ingested(jsonl([line(image(1), amount=amount)]))

    assert str(Transaction.objects.get().amount) == stored


def test_what_a_copy_would_stumble_over_is_stored_as_it_is() -> None:
    merchant = "C:\\new\ttab\nline \\N \\. \u3000“quoted”"
    ingested(jsonl([line("a\\b c", merchant=merchant, description="\\")]))

    row = Transaction.objects.get()
    assert (row.merchant, row.description, row.image_id) == (merchant, "\\", "a\\b c")
    assert row.id == "".join(row.id.split())


@pytest.mark.parametrize("moment", ["2026-02-03T04:05:06+23:59", "2026-02-03T04:05:06+09:00:30.5"])
def test_a_time_the_database_cannot_hold_costs_its_line_at_most(moment: str) -> None:
    ingested(jsonl([line(image(1)), line(image(2), extractedAt=moment)]))

    assert ids() >= ids_of([1])
    assert balance_of().read == 2


def test_a_field_name_longer_than_its_column_costs_its_line_only() -> None:
    ingested(jsonl([line(image(1)), line(image(2), answer=text()[:-1] + f', "{"n" * 90}": NaN}}')]))

    assert ids() == ids_of([1])
    assert the_letter().code == "invalid_number"
    assert counts() == {"inserted": 1, "dead": 1}

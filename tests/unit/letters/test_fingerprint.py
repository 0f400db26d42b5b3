"""The same problem is one group, a different one another: over the sentences that are really written."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from batches.formats import envelope, receipt
from batches.formats.receipt import parse_receipt
from batches.formats.rejection import Rejection
from batches.letters.fingerprint import NAMES, Problem, problem_of
from tests.unit.formats.building import answer, line

CUT = b'{"recordId": "image-0001", "modelOutput": {"output": '


def of(result_line: bytes) -> Problem:
    told = parse_receipt(result_line)
    assert isinstance(told, Rejection), told
    return problem_of("line", told.code, told.field, told.message)


def receipts(**changes: Sequence[object]) -> list[bytes]:
    """A line for each value of the one changed field."""
    ((field, values),) = changes.items()
    return [line(answer(**{field: value}), f"image-{at}") for at, value in enumerate(values)]


def refused(*errors: object) -> list[bytes]:
    return [msgspec.json.encode({"recordId": f"image-{at}", "error": error}) for at, error in enumerate(errors)]


def said(message: str, code: object = 400) -> dict[str, object]:
    return {"errorCode": code, "errorMessage": message}


def texts(*answers: str) -> list[bytes]:
    return [line(text, f"image-{at}") for at, text in enumerate(answers)]


# Each row is one problem, however differently it shows.
PROBLEMS: dict[str, list[bytes]] = {
    "a date in another order": receipts(date=["20/11/2026", "31.12.2025", "Nov 20", "`2026`", "令和8年", "x" * 90]),
    "a day that does not exist": receipts(date=["2026-02-30", "2025-13-01"]),
    "a date of another age": receipts(date=["1999-01-01", "2999-01-01"]),
    "an unknown category": receipts(category=["taxi", "food", "The `other`", "amount", "食費", "a, b", "x`y`z", "5"]),
    "an unknown type": receipts(type=["in", "out", "date", "`"]),
    "no merchant": receipts(merchant=["", " "]),
    "a merchant too long": receipts(merchant=["x" * 300, "y" * 4000]),
    "no amount": receipts(amount=[...]),
    "an amount misspelt": texts(*(answer(amount=..., **{name: 5}) for name in ("ammount", "amuont"))),
    "an amount of zero": receipts(amount=[0, "0"]),
    "an amount below zero": receipts(amount=[-5, "-12,000", "▲500"]),
    "an amount too large": receipts(amount=[10**14, "9" * 13, "1e300"]),
    "an ambiguous amount": receipts(amount=["1.280", "1,28"]),
    "no amount at all": receipts(amount=["about five", "five `or` six", "¥?"]),
    "an amount of another type": receipts(amount=[[1], {"yen": 5}, True]),
    "decimals too many": receipts(amount=["1.2345", "0.00001"]),
    "a time that is none": receipts(extractedAt=["yesterday", "2026-99-01T00:00:00Z"]),
    "a date that is a number": receipts(date=[20261120, 5]),
    "another image": texts(answer(imageId="image-77"), answer(imageId="recordId")),
    "no JSON": texts("I see a receipt.", "申し訳ありません", "5"),
    "several objects": texts(f"{answer()} {answer()}", f"{answer()} and {answer(amount=1)}"),
    "an empty answer": texts("", "  "),
    "an answer that stops": texts('{"amount": 12', '{"amount": 1, "type": "expe'),
    "a line that stops": [CUT, CUT + b'{"message": {'],
    "a comma too many": [b'{"recordId": "a",}', b'{"recordId": "image-00005",}'],
    "no UTF-8": [line(answer(), image).replace(b"expense", b"\xff") for image in ("a", "image-000002")],
    "no record id": [b'{"modelOutput": null}', b'{"modelOutput": {"generation": "x"}}'],
    "two record ids": [b'{"recordId": "a", "customData": "b"}', b'{"recordId": "image-1", "customData": "text"}'],
    "a record id too long": [line(answer(), "x" * 201), line(answer(), "y" * 999)],
    "throttled": refused(*(said(f"Too many requests, request id {name}", 429) for name in ("4f2a9c11", "77"))),
    "an image too small": refused(said("Image too small"), said("Image too small"), "400: Image too small"),
    "an image that cannot be read": refused(
        said("Could not process image s3://bucket/uploads/u-1/a.jpg"), said("Could not process image s3://b/c/d/e.png")
    ),
    "a field that is the model's own": texts(
        *(f'{{"{name}": "\\ud800", "amount": 1}}' for name in ("note", "remarks", "x`y", "a.b[0]", "z" * 200))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_same_problem_is_one_group(name: str) -> None:
    found = [of(each) for each in PROBLEMS[name]]

    assert len({problem.fingerprint for problem in found}) == 1, [problem.pattern for problem in found]


def test_different_problems_are_different_groups() -> None:
    found = {name: of(lines[0]).fingerprint for name, lines in PROBLEMS.items()}

    assert len(set(found.values())) == len(PROBLEMS)


def test_the_same_sentence_about_another_field_is_another_group() -> None:
    of_merchant, of_description = (
        problem_of("line", "nul_bytes", name, "NUL.") for name in ("merchant", "description")
    )

    assert of_merchant.fingerprint != of_description.fingerprint


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("file", "batch-output/job-1/a.jsonl is empty (0 bytes).", "batch-output/j/b.jsonl is empty (0 bytes)."),
        ("file", "The file ends early. 12 lines could be read.", "The file ends early. 9,000 lines could be read."),
        (
            "poison",
            "Bytes 0 to 400 could not be taken in 3 times; the last time: web-1:77: the worker stopped answering.",
            "Bytes 8,388,608 to 16,777,216 could not be taken in 5 times; the last time: 10.0.0.7:9: the worker stopped"
            " answering.",
        ),
        (
            "conflict",
            "The transaction was confirmed by alice, so it was kept. amount: '128.00' is stored, the line says '5.00'.",
            "The transaction was rejected by bob, so it was kept. amount: '1.00' is stored, the line says '9999.00'.",
        ),
    ],
)  # fmt: skip
def test_what_the_steps_write_is_told_apart_by_more_than_places_and_people(kind: str, one: str, other: str) -> None:
    assert problem_of(kind, "code", "", one) == problem_of(kind, "code", "", other)


def test_a_conflict_about_other_fields_is_another_group() -> None:
    about = "The transaction was confirmed by alice, so it was kept. {}: 'a' is stored, the line says 'b'."

    assert problem_of("conflict", "c", "", about.format("date")) != problem_of(
        "conflict", "c", "", about.format("type")
    )


def test_what_the_caller_knows_to_be_particular_is_left_out() -> None:
    one = problem_of("event", "unexpected_key", "", "my file is not of the form", ["my file"])
    other = problem_of("event", "unexpected_key", "", "another one is not of the form", ["another one", ""])

    assert one == other


def test_a_model_that_writes_differently_each_time_makes_few_groups() -> None:
    values = [f'{word} {number} `{word}` "{word}"' for number, word in enumerate("abcdefghij" * 50)]
    lines = receipts(category=values) + receipts(date=values) + receipts(amount=values)
    lines += texts(*(answer(**{field: "x" * 3000}) for field in ("merchant", "description")))

    assert len({of(each).fingerprint for each in lines}) == 5


def test_a_fingerprint_is_stable() -> None:
    """It is a key in the database: computed otherwise, every group would begin anew."""
    assert problem_of("line", "invalid_date", "date", "The date `x` is no day.") == Problem(
        "f53aa3010d76d674", "line", "invalid_date", "date", "The date `…` is no day."
    )


def test_the_formats_own_names_are_known() -> None:
    structs = [value for module in (envelope, receipt) for value in vars(module).values() if _is_struct(value)]
    ours = {name for struct in structs for name in struct.__struct_encode_fields__ if not struct.__name__[0].isalpha()}

    assert ours
    assert ours - NAMES - {"type"} == set()


def _is_struct(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, msgspec.Struct)

"""A missing or mistyped field is named, with what the model may have meant."""

from typing import Any

import pytest

from batches.formats.receipt import parse_receipt
from batches.formats.rejection import Rejection
from tests.unit.formats.building import answer, line
from tests.unit.formats.test_receipt import receipt, refused


@pytest.mark.parametrize("field", ["amount", "type", "date", "merchant", "category"])
def test_a_missing_field_is_named(field: str) -> None:
    for value in (..., None):
        rejection = refused(**{field: value})
        assert (rejection.code, rejection.field) == ("missing_field", field)
        assert rejection.message.startswith(f"`{field}` is missing")
    assert "(null)" in rejection.message


@pytest.mark.parametrize(
    ("field", "written"),
    [("amount", "amout"), ("amount", "AMOUNT"), ("merchant", "merchent"), ("category", "categorie"), ("date", "dates")],
)
def test_a_misspelt_key_is_pointed_at(field: str, written: str) -> None:
    rejection = refused(**{field: ..., written: "1"})
    assert f"`{field}` is missing; the answer has `{written}`, did the model misspell it?" in rejection.message


def test_several_missing_fields_are_named_at_once() -> None:
    rejection = refused(amount=..., date=...)
    assert rejection.field == "amount"
    assert rejection.message.startswith("`amount`, `date` are missing")


def test_an_answer_to_another_question_is_recognised() -> None:
    rejection = parse_receipt(line('{"receipt": {"amount": 5}}'))
    assert isinstance(rejection, Rejection)
    assert "the answer has only `receipt`" in rejection.message


def test_other_unknown_keys_do_not_matter() -> None:
    assert receipt(tax=128, items=[{"name": "paper"}]) == receipt()


def test_endless_unknown_keys_are_not_compared_one_by_one() -> None:
    many = {f"amounts{number}": 1 for number in range(20_000)}
    rejection = refused(amount=..., **many)
    assert rejection.code == "missing_field"
    assert len(rejection.message) < 300


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("merchant", 5, "`merchant` must be text, but the model's answer has a whole number there"),
        ("merchant", ["a"], "`merchant` must be text, but the model's answer has a list there"),
        ("date", 20260203, "`date` must be text"),
        ("type", True, "`type` must be text, but the model's answer has true/false there"),
        ("category", {"name": "fee"}, "`category` must be text, but the model's answer has an object there"),
        ("description", 1.5, "`description` must be text"),
        ("extractedAt", 1770000000, "`extractedAt` must be text"),
        ("imageId", 1.5, "`imageId` must be a whole number or text, but the model's answer has a decimal number there"),
        ("amount", [1280], "`amount` must be a number or text"),
        ("amount", True, "`amount` must be a number or text"),
    ],
)
def test_a_value_of_another_type_is_named(field: str, value: Any, told: str) -> None:
    rejection = refused(**{field: value})
    assert (rejection.code, rejection.field) == ("wrong_type", field)
    assert told in rejection.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("null", "no_json_in_answer"),
        ("[]", "no_json_in_answer"),
        ("Sorry.", "no_json_in_answer"),
        ("{}", "missing_field"),
        ('{"amount": 1', "malformed_json"),
        ('{"amount": ' + "[" * 100_000 + "]" * 100_000 + "}", "too_deep"),
        (answer(amount=float("nan")), "invalid_number"),
        (answer() + answer(), "several_objects"),
    ],
)
def test_an_answer_that_is_no_receipt_keeps_its_record_id(text: str, code: str) -> None:
    rejection = parse_receipt(line(text))
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.record_id) == (code, "image-0001")


def test_running_out_of_tokens_is_said() -> None:
    rejection = parse_receipt(line(answer()[:40], stop="max_tokens"))
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.record_id) == ("answer_cut_off", "image-0001")


def test_a_refused_envelope_is_passed_on() -> None:
    rejection = parse_receipt(b"null")
    assert isinstance(rejection, Rejection)
    assert rejection.code == "not_an_object"

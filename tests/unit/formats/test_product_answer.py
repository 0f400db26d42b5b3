"""A line of the kind "products" becomes exactly this proposal, or says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batches.formats.product_answer import ProposedProduct, parse_product
from batches.formats.rejection import Code, Rejection
from tests.unit.formats.building import LINES, line

ANSWER: dict[str, Any] = {
    "name": "Linen tote",
    "description": "A bag\nof linen.",
    "category": "bags",
    "price": 1280,
    "confidence": 0.92,
}
CODES = {code.value for code in Code}


def text(**changes: Any) -> str:
    return json.dumps({name: value for name, value in (ANSWER | changes).items() if value is not ...})


def proposed(sku: str = "TOTE-1", **changes: Any) -> ProposedProduct:
    parsed = parse_product(line(text(**changes), record_id=sku))
    assert isinstance(parsed, ProposedProduct), parsed
    return parsed


def refused(sku: Any = "TOTE-1", answer: str = "", **changes: Any) -> Rejection:
    parsed = parse_product(line(answer or text(**changes), record_id=sku))
    assert isinstance(parsed, Rejection), parsed
    return parsed


def test_every_field() -> None:
    assert proposed() == ProposedProduct(
        sku="TOTE-1",
        name="Linen tote",
        description="A bag\nof linen.",
        category="bags",
        price="1280.00",
        confidences=("0.920",) * 4,
    )


@pytest.mark.parametrize("dialect", [path.stem for path in sorted(LINES.glob("*.jsonl")) if "error" not in path.stem])
def test_whatever_model_answered(dialect: str) -> None:
    """The envelopes are the receipts' own: only what is in them differs."""
    lines = (LINES / f"{dialect}.jsonl").read_bytes().splitlines()
    outcomes = [parse_product(each) for each in lines]
    assert {each.code for each in outcomes if isinstance(each, Rejection)} <= CODES
    assert outcomes


@pytest.mark.parametrize("name", ["name", "description", "category", "price"])
def test_a_field_alone_is_enough(name: str) -> None:
    others: dict[str, Any] = {other: ... for other in ("name", "description", "category", "price") if other != name}
    found = proposed(**others)
    assert [other for other in others if getattr(found, other) is not None] == []
    assert getattr(found, name) is not None


@pytest.mark.parametrize("nothing", [..., None, "", "  "])
def test_an_empty_text_proposes_nothing(nothing: Any) -> None:
    found = proposed(description=nothing, category=nothing)
    assert (found.description, found.category) == (None, None)


def test_nothing_proposed_is_refused_with_the_misspelt_name() -> None:
    rejection = refused(answer='{"nmae": "Tote", "confidence": 1}')
    assert (rejection.code, rejection.field) == ("missing_field", "name")
    assert "`nmae`" in rejection.message


@pytest.mark.parametrize("sku", ["TOTE-1", "tote-1", " TOTE-1 ", "", None])
def test_an_answer_about_this_sku(sku: str | None) -> None:
    assert isinstance(parse_product(line(text(sku=sku), record_id="TOTE-1")), ProposedProduct)


def test_an_answer_about_another_sku() -> None:
    parsed = parse_product(line(text(sku="TOTE-2"), record_id="TOTE-1"))
    assert isinstance(parsed, Rejection)
    assert (parsed.code, parsed.field) == ("sku_mismatch", "sku")
    assert "names SKU `TOTE-2` but the record is `TOTE-1`" in parsed.message


@pytest.mark.parametrize("sku", ["a b", "トート", "x" * 65])
def test_a_record_that_is_no_sku(sku: str) -> None:
    rejection = refused(sku)
    assert (rejection.code, rejection.field, rejection.record_id) == ("invalid_sku", "recordId", sku)


@pytest.mark.parametrize(
    ("price", "told"),
    [(0, "0.00"), (1280, "1280.00"), (12.5, "12.50"), ("¥1,280", "1280.00"), ("1280.5", "1280.50"),
     ("１２８０円", "1280.00"), ("99999999.99", "99999999.99"), (1.0, "1.00")],
)  # fmt: skip
def test_price(price: Any, told: str) -> None:
    assert proposed(price=price).price == told


@pytest.mark.parametrize(
    ("price", "word"),
    [(-1, "negative"), ("-5", "negative"), (0.123, "2 decimals"), ("1.280", "ambiguous"), (10**8, "highest"),
     ("free", "no price"), ("1" * 65, "65 characters"), ("", "no price")],
)  # fmt: skip
def test_price_that_is_none(price: Any, word: str) -> None:
    rejection = refused(price=price)
    assert (rejection.code, rejection.field) == ("invalid_price", "price")
    assert word in rejection.message


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1E400", "-0.0"])
def test_numbers_beyond_measure_do_not_raise(number: str) -> None:
    for name in ("price", "confidence"):
        answer = text(**{name: ...})[:-1] + f', "{name}": {number}}}'
        parsed = parse_product(line(answer, record_id="TOTE-1"))
        assert isinstance(parsed, ProposedProduct) or parsed.code in CODES


@pytest.mark.parametrize("price", [True, [], {"amount": 1}])
def test_price_of_another_type(price: Any) -> None:
    assert refused(price=price).code == "wrong_type"


def test_name_is_one_line_and_never_empty() -> None:
    assert proposed(name="  Linen \n tote ").name == "Linen tote"
    assert refused(name="  ").code == "empty_field"
    assert refused(name="x" * 201).code == "text_too_long"


def test_confidence_of_each_field() -> None:
    found = proposed(confidence={"name": 1, "price": 0.12345, "sku": 7})
    assert found.confidences == ("1.000", None, None, "0.123")


@pytest.mark.parametrize("sure", [..., None])
def test_no_confidence(sure: Any) -> None:
    assert proposed(confidence=sure).confidences == (None,) * 4


def test_confidence_is_never_rounded_up() -> None:
    assert proposed(confidence=0.9999).confidences[0] == "0.999"


@pytest.mark.parametrize("sure", [-0.1, 1.01, 95, "0.9", True, [0.9]])
def test_confidence_that_is_none(sure: Any) -> None:
    rejection = refused(confidence=sure)
    assert (rejection.code, rejection.field) == ("invalid_confidence", "confidence")


def test_confidence_of_one_field_that_is_none() -> None:
    rejection = refused(confidence={"name": 0.9, "price": 2})
    assert (rejection.code, rejection.field) == ("invalid_confidence", "confidence.price")


def test_an_answer_that_was_cut_off() -> None:
    parsed = parse_product(line('{"name": "Linen to', record_id="TOTE-1", stop="max_tokens"))
    assert isinstance(parsed, Rejection)
    assert parsed.code == "answer_cut_off"

"""A line of the kind "stock_counts" becomes exactly this count, or says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batches.formats.rejection import Rejection
from batches.formats.stock_count import StockCount, parse_count
from tests.unit.formats.building import line

ANSWER: dict[str, Any] = {"sku": "TOTE-1", "location": "TOKYO", "quantity": 12, "confidence": 0.9, "note": "shelf 2"}


def text(**changes: Any) -> str:
    return json.dumps({name: value for name, value in (ANSWER | changes).items() if value is not ...})


def counted(**changes: Any) -> StockCount:
    parsed = parse_count(line(text(**changes), record_id="photo-1"))
    assert isinstance(parsed, StockCount), parsed
    return parsed


def refused(**changes: Any) -> Rejection:
    parsed = parse_count(line(text(**changes), record_id="photo-1"))
    assert isinstance(parsed, Rejection), parsed
    assert parsed.record_id == "photo-1"
    return parsed


def test_every_field() -> None:
    assert counted() == StockCount("photo-1", "TOTE-1", "TOKYO", 12, "0.900", "shelf 2")


def test_what_may_be_left_out() -> None:
    assert counted(confidence=..., note=None) == StockCount("photo-1", "TOTE-1", "TOKYO", 12, None, "")


@pytest.mark.parametrize("name", ["sku", "location", "quantity"])
@pytest.mark.parametrize("missing", [..., None])
def test_what_may_not(name: str, missing: Any) -> None:
    rejection = refused(**{name: missing})
    assert (rejection.code, rejection.field) == ("missing_field", name)


@pytest.mark.parametrize(("said", "quantity"), [(0, 0), ("7", 7), (" 12 ", 12), (2**31 - 1, 2**31 - 1)])
def test_quantity(said: Any, quantity: int) -> None:
    assert counted(quantity=said).quantity == quantity


@pytest.mark.parametrize("said", [-1, 1.5, 12.0, "a dozen", "", True, 2**31, "٣", [12], "9" * 30])
def test_quantity_that_is_none(said: Any) -> None:
    rejection = refused(quantity=said)
    assert (rejection.code, rejection.field) == ("invalid_quantity", "quantity")
    assert "whole number from 0" in rejection.message


@pytest.mark.parametrize("sku", ["a b", "", "x" * 65])
def test_sku_that_is_none(sku: str) -> None:
    rejection = refused(sku=sku)
    assert (rejection.code, rejection.field) == ("invalid_sku", "sku")


@pytest.mark.parametrize("location", ["", "x" * 21, "a\0b", "\ud800"])
def test_location_that_is_none(location: str) -> None:
    assert refused(location=location).code in ("invalid_location", "nul_bytes", "lone_surrogate")


def test_numbers_as_names() -> None:
    found = counted(sku=4901, location=7)
    assert (found.sku, found.location) == ("4901", "7")


def test_confidence_that_is_none() -> None:
    assert refused(confidence=90).code == "invalid_confidence"


def test_note_is_short() -> None:
    assert refused(note="x" * 201).code == "text_too_long"

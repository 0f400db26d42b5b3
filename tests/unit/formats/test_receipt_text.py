"""Text fields are stored as they are, as far as a database can."""

from typing import Any

import pytest

from batches.formats.receipt import Receipt
from tests.unit.formats.test_receipt import receipt, refused


def test_blanks_around_text_are_taken_off() -> None:
    assert receipt(merchant="　 Lawson\n").merchant == "Lawson"
    assert receipt(description=" \t ").description == ""


@pytest.mark.parametrize("value", ["", "  ", "\u3000", "\x07"])
def test_a_merchant_has_a_name(value: str) -> None:
    rejection = refused(merchant=value)
    assert (rejection.code, rejection.field) == ("empty_field", "merchant")
    assert "`merchant` is empty" in rejection.message


@pytest.mark.parametrize("value", [..., None, ""])
def test_a_description_is_optional(value: Any) -> None:
    assert receipt(description=value).description == ""


@pytest.mark.parametrize(("field", "limit"), [("merchant", 200), ("description", 2_000)])
def test_length(field: str, limit: int) -> None:
    assert isinstance(receipt(**{field: "店" * limit}), Receipt)
    for length in (limit + 1, 10_000):
        rejection = refused(**{field: "店" * length})
        assert (rejection.code, rejection.field) == ("text_too_long", field)
        assert f"`{field}` has {length:,} characters, more than the {limit:,} allowed" in rejection.message
        assert len(rejection.excerpt) == min(length, 500)


@pytest.mark.parametrize("field", ["merchant", "description"])
def test_a_nul_character_is_refused(field: str) -> None:
    rejection = refused(**{field: "a\0b"})
    assert (rejection.code, rejection.field) == ("nul_bytes", field)
    assert f"`{field}` contains a NUL character" in rejection.message
    assert rejection.excerpt == "a\\x00b"


@pytest.mark.parametrize("field", ["merchant", "description", "category", "extra"])
def test_half_a_character_is_refused(field: str) -> None:
    rejection = refused(**{field: "a\ud800b"})
    assert (rejection.code, rejection.field) == ("lone_surrogate", field)
    assert f"`{field}` in the model's answer holds half a character" in rejection.message
    rejection.excerpt.encode()


def test_control_characters_are_taken_out_but_tabs_and_line_breaks_stay() -> None:
    assert receipt(description="a\tb\nc\r\nd\x07\x1b\x7f\x85e").description == "a\tb\nc\r\nde"


def test_every_other_character_stays() -> None:
    text = '全角　スペース 😀 \u200d é \\N \\. "quoted" it\'s'
    assert receipt(description=text).description == text

"""Amounts are exact or refused; nothing is rounded and nothing is guessed."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from batches.formats.money import Digits, parse_amount
from batches.formats.rejection import Rejected

NUMBERS = msgspec.json.Decoder(Any, float_hook=Digits)


@pytest.mark.parametrize(
    ("source", "amount"),
    [
        (b"1280", "1280.00"),
        (b"1280.0", "1280.00"),
        (b"1280.5", "1280.50"),
        (b"1280.500", "1280.50"),
        (b"1.280", "1.28"),
        (b"0.01", "0.01"),
        (b"1.28e3", "1280.00"),
        (b"1.28E+3", "1280.00"),
        (b"128000e-2", "1280.00"),
        (b"1.5e-1", "0.15"),
        (b"999999999999.99", "999999999999.99"),
        (b"999999999999", "999999999999.00"),
        (b"1e11", "100000000000.00"),
        (b"0.1000000000000000000000000000", "0.10"),
        (b"123456789012.34", "123456789012.34"),
    ],
)
def test_numbers_keep_their_digits(source: bytes, amount: str) -> None:
    parsed = parse_amount(NUMBERS.decode(source))
    assert parsed == amount
    assert Decimal(parsed) == Decimal(source.decode())


@pytest.mark.parametrize(
    "text",
    [
        "1280",
        "1,280",
        "¥1,280",
        "￥1,280",
        "￥１，２８０",
        "\\1,280",
        "1,280円",
        "１，２８０円",
        "¥1,280-",
        "￥1,280－",
        "¥1,280ー",
        "JPY 1,280",
        "1,280 JPY",
        "JPY1280",
        "  1,280  ",
        "¥ 1,280",
        "　1,280　円",
        "1,280.00",
        "1280.0",
        "+1280",
        "01280",
        "1280.000",
        "1.28e3",
    ],
)
def test_text_as_receipts_write_it(text: str) -> None:
    assert parse_amount(text) == "1280.00"


def test_grouped_text_with_decimals() -> None:
    assert parse_amount("1,280.50") == "1280.50"
    assert parse_amount("¥999,999,999,999.99") == "999999999999.99"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"0", "`0` is zero"),
        (b"0.00", "`0` is zero"),
        (b"-0.0", "is negative"),
        (b"-5", "`-5` is negative"),
        (b"-5.5", "`-5.5` is negative"),
        (b"1280.005", "`1280.005` has more than 2 decimals"),
        (b"1e-3", "more than 2 decimals"),
        (b"1e308", "`1e308` has more than 12 digits"),
        (b"1e99999999999999999999", "more than 12 digits"),
        (b"123456789012345", "`123456789012345` has more than 12 digits"),
        (b"1000000000000", "more than 12 digits"),
        (b"1000000000000.0", "more than 12 digits"),
        (b"1" * 4_000, "more than 12 digits"),
        (b"1." + b"1" * 100, "has 102 characters"),
        (b"true", "must be a number or text, but the answer has `True`"),
        (b"[1]", "must be a number or text"),
        (b'{"value": 1}', "must be a number or text"),
    ],
)
def test_numbers_that_are_refused(source: bytes, told: str) -> None:
    refused(NUMBERS.decode(source), told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1.280,50", "`1.280,50` is ambiguous"),
        ("12,80", "`12,80` is ambiguous"),
        ("1,28", "is ambiguous"),
        ("1.280", "`1.280` is ambiguous"),
        ("¥1.280", "is ambiguous"),
        ("1.280.500", "is ambiguous"),
        ("1,2800", "is ambiguous"),
        ("NaN", "`NaN` is not a number"),
        ("Infinity", "`Infinity` is not a number"),
        ("-inf", "`-inf` is not a number"),
        ("-1,280", "`-1,280` is negative"),
        ("¥-1,280", "is negative"),
        ("-¥1,280", "is negative"),
        ("▲1,280", "is negative"),
        ("−１２８０", "is negative"),
        ("0", "is zero"),
        ("¥0", "is zero"),
        ("", "is no amount that can be read"),
        ("one thousand", "is no amount that can be read"),
        ("1280²", "is no amount that can be read"),
        ("12 80", "is no amount that can be read"),
        ("$12.80", "is no amount that can be read"),
        ("1280円 (税込)", "is no amount that can be read"),
        ("1_280", "is no amount that can be read"),
        ("0x500", "is no amount that can be read"),
        ("1\x0080", "`1\\x0080` is no amount"),
        ("1,000,000,000,000", "more than 12 digits"),
        ("9" * 10_000, "has 10,000 characters"),
    ],
)
def test_text_that_is_refused(text: str, told: str) -> None:
    refused(text, told)


def refused(value: Any, told: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_amount(value)
    rejection = caught.value.rejection()
    assert told in rejection.message
    assert rejection.field == "amount"
    is_amount = isinstance(value, int | str) and value is not True
    assert rejection.code == ("invalid_amount" if is_amount else "wrong_type")

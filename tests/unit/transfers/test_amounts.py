"""Amounts, numbers and yes or no, as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.transfers.amounts import read_amount, read_number, read_yes
from catalog.transfers.refused import BadCell


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1280", "1280"), ("1,280", "1280"), ("￥1,280", "1280"), ("¥1280", "1280"), ("1,280円", "1280"),
        ("１２８０", "1280"), ("￥１，２８０", "1280"), (" 12.50 ", "12.50"), ("12.5", "12.50"), ("0", "0"),
        ("1,234,567.89", "1234567.89"), ("99999999.99", "99999999.99"), ("12.500", "12.50"), ("　980　", "980"),
    ],
)  # fmt: skip
def test_an_amount_is_read(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "¥", "円"])
def test_nothing_is_no_amount(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.280,50", "is no amount"), ("1,28", "is no amount"), ("12,80", "is no amount"), ("about 5", "is no amount"),
        ("1.28E+03", "is no amount"), ("$5", "is no amount"), ("NaN", "is no amount"), ("-5", "is below 0"),
        ("−5", "is below 0"), ("1.005", "more than two decimals"), ("100000000", "is more than 99,999,999.99"),
        ("１２，８", "is no amount"),
    ],
)  # fmt: skip
def test_what_is_no_amount_has_its_sentence(text: str, said: str) -> None:
    with pytest.raises(BadCell, match=said):
        read_amount(text)


def test_a_whole_number() -> None:
    assert (read_number("12"), read_number("１，２３４"), read_number("")) == (12, 1234, None)
    with pytest.raises(BadCell, match="no whole number"):
        read_number("1.5")


@pytest.mark.parametrize("text", ["yes", "TRUE", "1", "はい", "Ｙｅｓ", "○", "on"])
def test_yes(text: str) -> None:
    assert read_yes(text) is True


@pytest.mark.parametrize("text", ["no", "FALSE", "0", "いいえ", "", " ", "×"])
def test_no(text: str) -> None:
    assert read_yes(text) is False


def test_neither_yes_nor_no() -> None:
    with pytest.raises(BadCell, match="`maybe` is neither yes nor no"):
        read_yes("maybe")

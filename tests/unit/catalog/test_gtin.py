"""Check digits: of real labels, and what is said of one that cannot be."""

from __future__ import annotations

import pytest

from catalog.gtin import check_digit, fault

# As printed: a Japanese drink, a book, GS1's own examples of each length.
REAL = ["4902102119245", "9784873115658", "96385074", "036000291452", "6291041500213", "10012345678902"]


@pytest.mark.parametrize("code", REAL)
def test_real_barcodes_are_right(code: str) -> None:
    assert fault(code) == ""


@pytest.mark.parametrize("code", REAL)
def test_any_other_last_digit_is_wrong_and_the_right_one_is_said(code: str) -> None:
    for digit in set("0123456789") - {code[-1]}:
        assert f"it has to be {code[-1]}, not {digit}" in fault(code[:-1] + digit)


@pytest.mark.parametrize("code", REAL)
def test_one_wrong_digit_is_always_noticed(code: str) -> None:
    for place, right in enumerate(code):
        for digit in set("0123456789") - {right}:
            assert fault(code[:place] + digit + code[place + 1 :])


@pytest.mark.parametrize("code", ["1", "123456789", "490210211924", "49021021192455"])
def test_a_length_that_is_none_is_told(code: str) -> None:
    assert fault(code)


def test_what_is_no_digit_is_shown() -> None:
    assert "'X'" in fault("49021021192X5")
    assert "digits only" in fault("４９０２１０２１１９２４５")  # who calls this has folded them


def test_the_digit_of_ten_is_nought() -> None:
    assert check_digit("000000000000") == "0"
    assert check_digit("9638507") == "4"

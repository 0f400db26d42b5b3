"""Text that a spreadsheet would run: an apostrophe in front, and off again."""

from __future__ import annotations

from itertools import product

import pytest

from catalog.transfers.defuse import defused, disarmed

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rfoo", "\nfoo", "\tfoo", "＝1+1", "＋1", "－1", "＠a", "−1", "﹦1", " =1",
    "　=1", "\u200b=1", "\ufeff@x", "'=1", "''  +1", "=cmd|' /C calc'!A0",
]  # fmt: skip
HARMLESS = ["", "T-shirt", "1280", "a=b", "'quoted'", "it's", "'", "マグカップ", " padded ", "#N/A", "(1)", "  ", "' '"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_would_run_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text
    assert disarmed(text) == text


def test_reading_what_was_written_is_the_identity() -> None:
    pieces = ["", "'", " ", "\t", "=", "＝", "-", "a", "\u3000", "\n"]
    texts = ["".join(parts) for parts in product(pieces, repeat=4)]

    assert [text for text in {*texts, *DANGEROUS, *HARMLESS} if disarmed(defused(text)) != text] == []


def test_nothing_that_was_written_would_run() -> None:
    assert [text for text in DANGEROUS if not defused(text).startswith("'")] == []

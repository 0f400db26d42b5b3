from __future__ import annotations

import pytest

from monitoring.traces.redact import redacted, told


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("uploads/user-1/a.png could not be read", "uploads/… could not be read"),
        ("duplicate key\nDETAIL: Key (email)=(taro@example.com) exists.", "duplicate key"),
        ('invalid input syntax: "taro"', "invalid input syntax: '…'"),
        ("mail to taro.yamada@example.co.jp failed", "mail to [left out] failed"),
        ("postgresql://nightshelf:s3cret@db:5432/x is away", "postgresql://[left out]@db:5432/x is away"),
        ("GET https://hooks.example.com/x?token=abc failed", "GET https://hooks.example.com/x?… failed"),
        ("GET 'https://x.example/?a=b' of 'taro'", "GET '…' of '…'"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [left out]"),
        ("password=hunter2 refused", "password=[left out] refused"),
        ("It isn't there", "It isn't there"),
    ],
)
def test_what_went_wrong_is_told_not_whose(said: str, stored: str) -> None:
    assert redacted(said) == stored


def test_an_exception_keeps_its_kind() -> None:
    assert told(KeyError("taro")) == "KeyError: '…'"
    assert told(TimeoutError()) == "TimeoutError"

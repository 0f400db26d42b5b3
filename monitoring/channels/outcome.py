"""What became of telling somebody, where it did not end well. Decided where the error is understood."""

from __future__ import annotations


class NotTaken(Exception):
    """It is known that it was not taken. `retryable`: a later try may do better; `after`: seconds it asks to wait."""

    def __init__(self, why: str, *, retryable: bool = True, after: float = 0) -> None:
        super().__init__(why)
        self.retryable, self.after = retryable, after


class Unsure(Exception):
    """It was handed over and no answer came: whether it was taken is not known, so nothing sends it again by itself."""

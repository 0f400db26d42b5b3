"""The audit log's entry for letters that were changed together, in the transaction that changed them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from batches.letters.filters import LetterFilter
from monitoring import audit


def record_letters(by: User, action: str, which: LetterFilter, ids: list[int], reason: str) -> None:
    """One entry for all; none when nothing was changed. `ids` are in their order."""
    if not ids:
        return
    details: dict[str, Any] = {"filters": which.as_dict(), "letters": len(ids), "first": ids[0], "last": ids[-1]}
    audit.record(by, action, "letter", ids[0] if len(ids) == 1 else "", reason=reason, **details)

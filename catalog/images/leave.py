"""Objects that no row stands for any more: their keys are kept until storage has said that they are gone."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.images.encode import FORMS
from catalog.images.keys import beside
from catalog.images.wake import wake_remover
from catalog.models import Leftover


def leave(keys: Iterable[str]) -> None:
    """In the caller's transaction, with what makes them leftovers."""
    Leftover.objects.bulk_create([Leftover(key=key) for key in keys], ignore_conflicts=True)
    wake_remover()


def all_keys(original: str) -> list[str]:
    """All that may lie in storage for one picture, made or not."""
    return [original, *(beside(original, form.file) for form in FORMS)]

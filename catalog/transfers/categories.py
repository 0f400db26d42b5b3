"""Categories as files name them: by slug, or by path."""

from __future__ import annotations

from difflib import get_close_matches
from unicodedata import normalize

from catalog.models import Category
from catalog.transfers.refused import BadCell

SEPARATOR = ">"
TAKEN_FOR_IT = ("＞", "›", "»", "→")


class Categories:
    """All of them, by one query. There are hundreds, not thousands."""

    def __init__(self) -> None:
        self._slugs: dict[str, int] = {}
        self._paths: dict[tuple[str, ...], list[int]] = {}
        self.slugs: dict[int, str] = {}
        names: dict[str, str] = {}
        for pk, path, slug, name in Category.objects.order_by("path").values_list("pk", "path", "slug", "name"):
            names[path] = _folded(name)
            steps = range(Category.steplen, len(path) + 1, Category.steplen)
            self._paths.setdefault(tuple(names.get(path[:end], "") for end in steps), []).append(pk)
            self._slugs[_folded(slug)] = pk
            self.slugs[pk] = slug

    def named(self, text: str) -> int | None:
        """The id of the category; None for an empty cell; BadCell."""
        if not text.strip():
            return None
        if (found := self._slugs.get(_folded(text))) is not None:
            return found
        for mark in TAKEN_FOR_IT:
            text = text.replace(mark, SEPARATOR)
        ids = self._paths.get(tuple(_folded(part) for part in text.split(SEPARATOR)), [])
        if len(ids) > 1:
            slugs = ", ".join(self.slugs[pk] for pk in ids[:5])
            raise BadCell(f"There are {len(ids)} categories `{text.strip()[:80]}`: name it by its slug ({slugs}).")
        if not ids:
            raise BadCell(
                f"There is no category `{text.strip()[:80]}`{self._near(text)}. Name it by its slug or its path."
            )
        return ids[0]

    def _near(self, text: str) -> str:
        near = get_close_matches(_folded(text), self._slugs, n=1)
        return f" (is it {near[0]}?)" if near else ""


def _folded(text: str) -> str:
    return normalize("NFKC", text).strip().casefold()

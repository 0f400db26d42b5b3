"""Categories as models name them: by slug, or by name where only one has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import Lower

from catalog.models import Category


class Categories:
    """Those that are named here, looked up once for all."""

    def __init__(self, named: Iterable[str]) -> None:
        wanted = {name.strip() for name in named}
        lowered = {name.lower() for name in wanted}
        found = Category.objects.alias(lowered=Lower("name")).filter(
            Q(slug__in=wanted | lowered) | Q(lowered__in=lowered)
        )
        self._by_slug: dict[str, Category] = {}
        self._by_name: defaultdict[str, list[Category]] = defaultdict(list)
        for category in found if wanted else ():
            self._by_slug[category.slug] = category
            self._by_name[category.name.lower()].append(category)

    def find(self, named: str) -> Category | str:
        """The category, or in a sentence why there is none."""
        name = named.strip()
        if found := self._by_slug.get(name) or self._by_slug.get(name.lower()):
            return found
        same = self._by_name.get(name.lower(), [])
        if len(same) == 1:
            return same[0]
        if same:
            slugs = ", ".join(sorted(category.slug for category in same)[:5])
            return f"{len(same)} categories are called {name} ({slugs}): set it on the product's own page."
        return f"There is no category {name}: add it first, or reject the field."

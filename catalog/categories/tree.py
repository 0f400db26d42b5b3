"""The tree as pages show it: where each category lies, what may be chosen, and how many products are in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count

from catalog.models import Category, Product

INDENT = "\u2003"  # a select shows no other indentation
STEP = Category.steplen
BETWEEN = " › "


def choices(without: Category | None = None) -> list[tuple[str, str]]:
    """(number, name behind its indentation) in the tree's order; `without` a branch. One query."""
    found = Category.objects.order_by("path").values_list("pk", "path", "depth", "name")
    return [
        (str(pk), f"{INDENT * (depth - 1)}{name}")
        for pk, path, depth, name in found
        if without is None or not path.startswith(without.path)
    ]


def trails(categories: Iterable[Category | None]) -> dict[int, str]:
    """By number: the names from the root down, `Clothes › Shirts`. One query for all of them."""
    wanted = {category.pk: category.path for category in categories if category is not None}
    names = dict(Category.objects.order_by().filter(path__in=_above(wanted.values())).values_list("path", "name"))
    return {pk: BETWEEN.join(names.get(part, "…") for part in _parts(path)) for pk, path in wanted.items()}


def product_counts(categories: Iterable[Category]) -> dict[int, tuple[int, int]]:
    """By number: products in the category itself, and with all below it. Two queries, of the index of categories."""
    found = Product.objects.exclude(category=None).order_by().values_list("category").annotate(count=Count("pk"))
    own = dict(found)
    whole: Counter[str] = Counter()
    for pk, path in Category.objects.order_by().values_list("pk", "path"):
        for part in _parts(path):
            whole[part] += own.get(pk, 0)
    return {category.pk: (own.get(category.pk, 0), whole[category.path]) for category in categories}


def _above(paths: Iterable[str]) -> set[str]:
    return {part for path in paths for part in _parts(path)}


def _parts(path: str) -> list[str]:
    return [path[:end] for end in range(STEP, len(path) + 1, STEP)]

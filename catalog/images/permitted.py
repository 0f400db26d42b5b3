"""Who may see and who may change pictures: whoever may the product, or the category, that they show."""

from __future__ import annotations

from typing import Any

PERMISSION = "catalog.change_product"


def may_change(user: Any) -> bool:
    return bool(user.has_perm(PERMISSION))


def may_see(user: Any) -> bool:
    return bool(user.has_perm("catalog.view_product")) or may_change(user)


def may_see_categories(user: Any) -> bool:
    return bool(user.has_perm("catalog.view_category")) or bool(user.has_perm("catalog.change_category"))

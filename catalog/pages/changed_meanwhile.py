"""The product's form when somebody else saved it first: their values and yours side by side, nothing typed lost.

What is in the form is what a save writes. Fields that only the other one changed are taken over into it; for the
others it keeps what was typed, and a button takes theirs. The form has the new version then, so that saving it goes on
top of what was seen here, unless somebody is quicker once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.categories import tree
from catalog.models import Category, Product, ProductStatus
from catalog.products.differences import Difference
from monitoring.models import AuditEntry
from pages.list_cells import moment

TAKE = "take"  # the button's name; its value is a field, or ALL
ALL = "all"


@dataclass(frozen=True)
class Row:
    field: str
    label: str
    before: str
    theirs: str
    yours: str
    taken: bool  # theirs is in the form by now


def rows_of(found: list[Difference], take: str = "", *, take_over: bool = True) -> list[Row]:
    names = _category_names(found)
    return [
        Row(each.field, each.label, _shown(each.field, each.before, names), _shown(each.field, each.theirs, names),
            _shown(each.field, each.yours, names), _takes(each, take, take_over))
        for each in found
    ]  # fmt: skip


def merged(
    sent: QueryDict, found: list[Difference], version: int, take: str = "", *, take_over: bool = True
) -> QueryDict:
    """What was sent, with the new version, and with theirs where only they changed it or where theirs is taken."""
    data = sent.copy()
    data["version"] = str(version)
    for each in found:
        if _takes(each, take, take_over):
            _put(data, each)
    return data


def who_and_when(product: Product) -> SafeString:
    """Who saved it last, as far as the audit log tells, and when."""
    entries = AuditEntry.objects.filter(subject="product", subject_id=str(product.pk), allowed=True)
    last = entries.select_related("actor").first()
    known = last and last.actor and last.details.get("version") == product.version
    who = last.actor.get_username() if known and last and last.actor else "Somebody else"
    return format_html("{}, {}", who, moment(product.updated_at))


def _takes(each: Difference, take: str, take_over: bool) -> bool:
    return (take_over and each.untouched) or take in (ALL, each.field)


def _put(data: QueryDict, each: Difference) -> None:
    if isinstance(each.theirs, bool):
        data.pop(each.field, None)
        if each.theirs:
            data[each.field] = "on"
    else:
        data[each.field] = "" if each.theirs is None else str(each.theirs)


def _category_names(found: list[Difference]) -> dict[int, str]:
    numbers = {value for each in found if each.field == "category" for value in (each.before, each.theirs, each.yours)}
    return tree.trails(Category.objects.filter(pk__in=[number for number in numbers if isinstance(number, int)]))


def _shown(field: str, value: Any, names: dict[int, str]) -> str:
    if field == "category":
        return names.get(value, "No category") if value else "No category"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "status" and value in ProductStatus.values:
        return str(ProductStatus(value).label)
    return str(value) if value not in (None, "") else "–"

"""The list of problems: what is wrong, whom it hurts, since when, and whether it came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from batches.letters.figures import SORTS, trend, with_letters
from batches.letters.filters import GROUP_CHARS
from batches.models import LetterGroup
from batches.pages import links
from batches.pages.spark import Spark, spark
from batches.search import hex_id
from batches.states import GroupStatus
from pages.paginator import LimitedPaginator

PER_PAGE = 25
ORDERS = {
    "impact": "Impact",
    "count": "Open letters",
    "amount": "Money",
    "users": "Users",
    "last": "Last seen",
}
ANY = "all"


@dataclass(frozen=True)
class Problem:
    """A group annotated by `with_figures`, as a list shows it."""

    group: Any
    spark: Spark

    @property
    def url(self) -> str:
        return links.page("lettergroup", self.group.pk)

    @property
    def open_url(self) -> str:
        return links.letters(group=self.group.pk, status__exact="open")


def problems_page(asked: QueryDict) -> dict[str, Any]:
    status = asked.get("status", GroupStatus.OPEN)
    order = asked.get("sort", "")
    order = order if order in ORDERS else "impact"
    term = asked.get("q", "").strip()
    found = matching(with_letters(LetterGroup.objects.all()), term)
    if status in GroupStatus.values:
        found = found.filter(status=status)
    page = LimitedPaginator(found.order_by(*SORTS[order]), PER_PAGE).get_page(asked.get("p"))
    return {
        "title": "Problems",
        "problems": shown(page),
        "page_of": page,
        "term": term,
        "status": status,
        "order": order,
        "orders": [(name, label, _address(asked, sort=name, p="")) for name, label in ORDERS.items()],
        "statuses": _statuses(asked, status, term),
        "earlier": _address(asked, p=str(page.number - 1)) if page.has_previous() else "",
        "later": _address(asked, p=str(page.number + 1)) if page.has_next() else "",
        "any_letters": bool(page.object_list) or with_letters(LetterGroup.objects.all()).exists(),
    }


def worst(most: int) -> list[Problem]:
    """The open problems with the greatest impact."""
    found = with_letters(LetterGroup.objects.filter(status=GroupStatus.OPEN)).filter(open_now__gt=0)
    return shown(found.order_by(*SORTS["impact"])[:most])


def shown(groups: Page[Any] | QuerySet[Any]) -> list[Problem]:
    its = list(groups)
    hours = trend([group.pk for group in its]) if its else {}
    return [Problem(group, spark(hours[group.pk])) for group in its]


def matching(groups: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By reason, field or text. Groups are few beside letters: they are looked through."""
    if not term:
        return groups
    wanted = Q(code__icontains=term) | Q(field__icontains=term) | Q(pattern__icontains=term)
    if fingerprint := hex_id(term, GROUP_CHARS):
        wanted |= Q(pk=fingerprint)
    return groups.filter(wanted)


def _statuses(asked: QueryDict, status: str, term: str) -> list[tuple[str, int, str, bool]]:
    """(label, number, address, chosen) of each status: where the others are is seen at once."""
    found = matching(with_letters(LetterGroup.objects.all()), term)
    numbers = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    each = [(state.label, numbers.get(state, 0), state.value) for state in GroupStatus]
    each.append(("All", sum(numbers.values()), ANY))
    return [(label, number, _address(asked, status=name, p=""), status == name) for label, number, name in each]


def _address(asked: QueryDict, **changes: str) -> str:
    kept = {name: asked.get(name, "") for name in ("q", "status", "sort", "p")} | changes
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{reverse('admin:batches_lettergroup_changelist')}?{query}"

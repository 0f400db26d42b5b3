"""A bulk acceptance's page: how far it is, and what became of each proposal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone

from batches.models import Acceptance, AcceptanceItem
from batches.pages import links
from batches.proposals.fields import LABELS
from batches.states import AcceptanceStatus, AcceptedStatus
from pages.banners import Banner

PER_PAGE = 50


@dataclass(frozen=True)
class Figures:
    total: int
    waiting: int = 0
    accepted: int = 0
    refused: int = 0

    @property
    def percent(self) -> float:
        return 100.0 * (self.total - self.waiting) / self.total if self.total else 0.0

    @property
    def whole_percent(self) -> int:
        """100 only when nothing waits any more."""
        return int(self.percent)


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    count: int
    share: float
    url: str


def figures_of(acceptances: Iterable[Acceptance]) -> dict[int, Figures]:
    """One query for any number of them."""
    totals = {each.pk: each.total for each in acceptances}
    rows = AcceptanceItem.objects.filter(acceptance__in=totals).order_by().values_list("acceptance", "status")
    counts: dict[int, dict[str, int]] = {pk: {} for pk in totals}
    for pk, status, count in rows.annotate(Count("pk")):
        counts[pk][status] = count
    return {pk: Figures(total, **counts[pk]) for pk, total in totals.items()}


def acceptance_page(request: HttpRequest, acceptance: Acceptance) -> dict[str, Any]:
    figures = figures_of([acceptance])[acceptance.pk]
    asked = request.GET.get("status", "")
    first = AcceptedStatus.REFUSED if figures.refused else AcceptedStatus.ACCEPTED
    status = asked if asked in AcceptedStatus.values else str(first)
    page = int(text) if (text := request.GET.get("p", "")).isdecimal() and 0 < len(text) < 6 else 1
    found = (
        AcceptanceItem.objects.filter(acceptance=acceptance, status=status).select_related("proposal").order_by("id")
    )
    items = list(found[(max(page, 1) - 1) * PER_PAGE : max(page, 1) * PER_PAGE + 1])
    for item in items:
        item.accepted_labels = ", ".join(LABELS[name] for name in item.accepted)  # type: ignore[attr-defined]
    return {
        "acceptance": acceptance,
        "title": str(acceptance),
        "figures": figures,
        "going_on": acceptance.status == AcceptanceStatus.RUNNING,
        "banners": _banners(acceptance, figures),
        "tabs": _tabs(acceptance, figures),
        "fields": ", ".join(LABELS[name] for name in acceptance.fields),
        "chosen": {name.capitalize(): value for name, value in acceptance.filters.items() if value},
        "status": status,
        "items": items[:PER_PAGE],
        "more_items": len(items) > PER_PAGE,
        "page": max(page, 1),
        "url": links.page("acceptance", acceptance.pk),
        "now": timezone.now(),
    }


def _tabs(acceptance: Acceptance, figures: Figures) -> list[Tab]:
    url, total = links.page("acceptance", acceptance.pk), figures.total or 1
    order = (AcceptedStatus.ACCEPTED, AcceptedStatus.REFUSED, AcceptedStatus.WAITING)
    return [
        Tab(str(each), str(each.label), count, 100.0 * count / total, f"{url}?status={each}")
        for each in order
        for count in [int(getattr(figures, str(each)))]
    ]


def _banners(acceptance: Acceptance, figures: Figures) -> list[Banner]:
    if acceptance.status == AcceptanceStatus.RUNNING:
        if not acceptance.last_error:
            return []
        return [Banner("warn", "The latest try broke off, and is made again.", acceptance.last_error)]
    if figures.refused:
        text = "Each says why below. Nothing of them was written; they wait on their own pages."
        return [Banner("warn", f"{figures.refused:,} of {figures.total:,} were refused.", text)]
    return [Banner("good", "Done.", f"{figures.accepted:,} proposals are in the catalogue.")]

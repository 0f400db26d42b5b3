"""A transfer's page: how far it is, what it would do, what it did, and what is to be done next."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product, Transfer, TransferKind, TransferRow, TransferStatus
from catalog.pages.transfer_words import banners_of, chosen, outlook
from catalog.transfers.columns import COLUMNS, WRONG
from catalog.transfers.judge import ADDED, CHANGED, OUTCOMES, REFUSED
from catalog.transfers.lease import AT_WORK
from catalog.transfers.link import EXPORT, token_of
from catalog.transfers.link import REFUSED as REFUSED_ROWS
from catalog.transfers.look_up import key_of
from catalog.transfers.note_rows import MOST
from catalog.transfers.permissions import may

PER_PAGE = 50
LABELS = {"added": "Added", "changed": "Changed", "same": "No change", "refused": "Refused"}


class Part(NamedTuple):
    """Of the figures: those of one outcome. `url` '' where no rows are kept."""

    name: str
    label: str
    number: int
    url: str


class Change(NamedTuple):
    column: str
    was: str
    now: str


class ShownRow(NamedTuple):
    row: TransferRow
    product_url: str
    changes: list[Change]
    faults: list[tuple[str, str]]


def page_of(transfer: Transfer) -> str:
    return reverse("admin:catalog_transfer_change", args=[transfer.pk])


def transfer_page(request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
    outcome, page = _outcome(request.GET.get("outcome", ""), transfer), _number(request.GET.get("p", ""))
    rows = _rows(transfer, outcome, page) if transfer.kind == TransferKind.IMPORT else []
    going_on = transfer.status in AT_WORK
    kept = MOST[outcome]
    return {
        "transfer": transfer, "title": transfer.name, "banners": banners_of(transfer), "going_on": going_on,
        "is_import": transfer.kind == TransferKind.IMPORT, "percent": _percent(transfer), "outlook": outlook(transfer),
        "parts": _parts(transfer), "outcome": outcome, "outcome_label": LABELS[outcome], "rows": rows[:PER_PAGE],
        "page": page, "more_rows": len(rows) > PER_PAGE, "kept": kept, "cut": getattr(transfer, outcome) > kept > 0,
        "to_confirm": transfer.status == TransferStatus.CHECKED and transfer.added + transfer.changed > 0,
        "good": transfer.added + transfer.changed, "may": may(request.user, transfer.kind),
        "may_cancel": going_on or transfer.status == TransferStatus.CHECKED, "live_query": _query(outcome, page),
        "left_alone": _left_alone(transfer), "columns": [name for name in transfer.columns if name != WRONG],
        "chosen": chosen(transfer.filters), "found": _found(transfer), "now": timezone.now(),
        **_links(transfer, going_on=going_on),
    }  # fmt: skip


def _parts(transfer: Transfer) -> list[Part]:
    address = page_of(transfer)
    return [
        Part(name, LABELS[name], getattr(transfer, name), f"{address}?{_query(name, 1)}" if MOST[name] else "")
        for name in OUTCOMES
    ]


def _outcome(asked: str, transfer: Transfer) -> str:
    """What was asked for; else what needs a look: refusals, then changes."""
    if asked in OUTCOMES:
        return asked
    return next((name for name in (REFUSED, CHANGED, ADDED) if getattr(transfer, name)), CHANGED)


def _rows(transfer: Transfer, outcome: str, page: int) -> list[ShownRow]:
    first = (page - 1) * PER_PAGE
    found = TransferRow.objects.filter(transfer=transfer, outcome=outcome).order_by("row")
    rows = list(found[first : first + PER_PAGE + 1])
    skus = [row.sku for row in rows if row.sku]
    products = dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk")) if skus else {}
    return [_shown(row, products) for row in rows]


def _shown(row: TransferRow, products: dict[str, int]) -> ShownRow:
    pk = products.get(row.sku) or products.get(key_of(row.sku))
    url = reverse("admin:catalog_product_change", args=[pk]) if pk else ""
    if row.outcome == REFUSED:
        return ShownRow(row, url, [], [(column, said) for column, said in row.told.items()])
    ordered = sorted(row.told, key=COLUMNS.index)
    return ShownRow(row, url, [Change(name, *map(_text, row.told[name])) for name in ordered if name != "sku"], [])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _percent(transfer: Transfer) -> float:
    return min(100.0, 100.0 * transfer.done / transfer.total) if transfer.total else 0.0


def _number(asked: str) -> int:
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


def _query(outcome: str, page: int) -> str:
    return urlencode({"outcome": outcome, "p": page} if page > 1 else {"outcome": outcome})


def _left_alone(transfer: Transfer) -> list[str]:
    """Columns that the file does not have."""
    return [name for name in COLUMNS if transfer.columns and name not in transfer.columns and name != "version"]


def _found(transfer: Transfer) -> str:
    """What the check had found, where the writing came to something else."""
    found = {name: transfer.found.get(name, 0) for name in OUTCOMES}
    if not transfer.confirmed_at or all(found[name] == getattr(transfer, name) for name in OUTCOMES):
        return ""
    return ", ".join(f"{count:,} {LABELS[name].lower()}" for name, count in found.items() if count)


def _links(transfer: Transfer, *, going_on: bool) -> dict[str, str]:
    """Signed anew with each showing of the page; none while the files are still being made, or gone."""

    def link(what: str) -> str:
        return reverse("admin:catalog_transfer_file", args=[token_of(transfer.pk, what)])

    finished = transfer.kind == TransferKind.EXPORT and transfer.status == TransferStatus.FINISHED and transfer.key
    refused = transfer.kind == TransferKind.IMPORT and transfer.refused and transfer.checked_key and not going_on
    return {"download_url": link(EXPORT) if finished else "", "refused_url": link(REFUSED_ROWS) if refused else ""}

"""The pages of imports and exports, for the admin to hang under its own addresses, and what leads to them."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from catalog.models import Transfer, TransferKind, TransferStatus
from catalog.pages.transfer_export import export_page
from catalog.pages.transfer_file import example, transfer_file
from catalog.pages.transfer_import import import_page
from catalog.pages.transfer_page import page_of, transfer_page
from catalog.products.which import ProductFilter
from catalog.transfers.cancel import cancel
from catalog.transfers.confirm import confirm
from catalog.transfers.permissions import may
from catalog.transfers.refused import Refused
from catalog.transfers.work import work_at_once


def urls(admin: Any) -> list[URLPattern]:
    """`admin`: a MachineWritten of transfers."""

    def named(address: str, view: Any, name: str) -> Any:
        return path(address, admin.admin_site.admin_view(partial(view, admin=admin)), name=f"catalog_transfer_{name}")

    return [
        named("import/", import_page, "import"),
        named("import/example.csv", example, "example"),
        named("export/", export_page, "export"),
        named("file/<str:token>/", transfer_file, "file"),
        named("<path:object_id>/live/", _live, "live"),
        named("<path:object_id>/confirm/", _confirm, "confirm"),
        named("<path:object_id>/cancel/", _cancel, "cancel"),
    ]


def buttons(request: HttpRequest, which: ProductFilter | None = None) -> dict[str, str]:
    """Where a list's buttons lead, for `nightshelf/transfers/buttons.html`; '' for what would be refused.

    `which`: what the list of products shows, and so what is exported.
    """
    found = {"import_url": "", "export_url": ""}
    if may(request.user, TransferKind.IMPORT):
        found["import_url"] = reverse("admin:catalog_transfer_import")
    if may(request.user, TransferKind.EXPORT):
        found["export_url"] = export_url(which or ProductFilter())
    return found


def export_url(which: ProductFilter) -> str:
    address = reverse("admin:catalog_transfer_export")
    return f"{address}?{urlencode(which.as_dict())}" if which.as_dict() else address


def told_rows(transfer: Transfer) -> tuple[str, str]:
    """For a list: how many rows, and what became of them."""
    if transfer.kind == TransferKind.EXPORT or transfer.status == TransferStatus.CHECKING:
        done = f"{transfer.done:,} of {transfer.total:,}" if transfer.total else "–"
        return (f"{transfer.total:,}" if transfer.done == transfer.total else done), ""
    counts = [
        f"{getattr(transfer, name):,} {name}" for name in ("added", "changed", "refused") if getattr(transfer, name)
    ]
    return (f"{transfer.total:,}" if transfer.total is not None else "–"), " · ".join(counts)


def _live(request: HttpRequest, object_id: str, *, admin: Any) -> HttpResponse:
    context = transfer_page(request, admin.found(request, object_id))
    return admin.rendered_part(request, "nightshelf/transfers/body.html", context)  # type: ignore[no-any-return]


def _confirm(request: HttpRequest, object_id: str, *, admin: Any) -> HttpResponse:
    transfer = admin.found(request, object_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        confirm(transfer.pk, whole=request.POST.get("whole") != "no", actor=request.user)
        work_at_once(transfer.pk)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(page_of(transfer))


def _cancel(request: HttpRequest, object_id: str, *, admin: Any) -> HttpResponse:
    transfer = admin.found(request, object_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        cancel(transfer.pk, actor=request.user)
        messages.success(
            request, "Cancelled. What was imported before stays." if transfer.confirmed_at else "Cancelled."
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(page_of(transfer))

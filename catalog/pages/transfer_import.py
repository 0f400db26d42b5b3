"""A file of products is uploaded: its heading is looked at before anything is kept, its rows are checked next."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from catalog.models import Transfer, TransferKind
from catalog.pages.transfer_page import page_of
from catalog.transfers.begin_import import begin_import
from catalog.transfers.columns import MEANINGS
from catalog.transfers.permissions import permit
from catalog.transfers.reading.row import MOST_ROWS
from catalog.transfers.reading.table import MOST_BYTES
from catalog.transfers.refused import BadFile
from catalog.transfers.work import AT_ONCE, work_at_once
from storage.port import StorageFault


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File of products",
        max_length=255,
        help_text="CSV, Excel workbook (.xlsx) or JSON.",
        error_messages={
            "required": "Choose the file to import.",
            "empty": "The file is empty (0 bytes): there is nothing to import.",
            "max_length": "The file's name is longer than 255 characters: rename it.",
        },
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx,.json,.jsonl,.ndjson", "class": "ns-file-input"}),
    )


def import_page(request: HttpRequest, *, admin: Any) -> HttpResponse:
    """The page, and its form. Sent by a script it answers with JSON, and with a redirect otherwise."""
    permit(request.user, TransferKind.IMPORT, action="import")
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid() and (transfer := _begun(request, form)):
        work_at_once(transfer.pk)
        return _onward(request, page_of(transfer))
    return _page(request, admin, form)


def _begun(request: HttpRequest, form: ImportForm) -> Transfer | None:
    file = form.cleaned_data["file"]
    try:
        return begin_import(file.name, file.file, file.size, actor=request.user)
    except BadFile as wrong:
        form.add_error("file", str(wrong))
    except StorageFault as fault:
        form.add_error(None, f"The file could not be kept: {fault} Nothing was imported; try again.")
    return None


def _scripted(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _onward(request: HttpRequest, url: str) -> HttpResponse:
    return JsonResponse({"url": url}) if _scripted(request) else HttpResponseRedirect(url)


def _page(request: HttpRequest, admin: Any, form: ImportForm) -> HttpResponse:
    if form.is_bound and _scripted(request):
        return JsonResponse({"errors": form.errors})
    context = {
        "title": "Import products", "opts": None, "form": form, "meanings": MEANINGS.items(), "most_rows": MOST_ROWS,
        "most_megabytes": MOST_BYTES // 2**20, "at_once": AT_ONCE,
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/transfers/import.html", context)
    response.status_code = 422 if form.is_bound else 200
    return response  # type: ignore[no-any-return]

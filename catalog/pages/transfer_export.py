"""Products are to be exported: which ones the list showed, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.models import TransferKind
from catalog.pages.transfer_page import page_of
from catalog.pages.transfer_words import chosen
from catalog.products.which import BadFilter, ProductFilter
from catalog.transfers.begin_export import begin_export
from catalog.transfers.permissions import permit
from catalog.transfers.refused import Refused
from catalog.transfers.work import AT_ONCE, work_at_once

MOST_COUNTED = 10_000
FORMATS = (
    ("xlsx", "Excel workbook", "Opens in every spreadsheet program; texts stay texts."),
    ("csv", "CSV", "UTF-8 with its mark, so that Excel opens it as it is."),
    ("json", "JSON", "For programs: numbers as numbers, what is empty as null."),
)


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(kind, label) for kind, label, _ in FORMATS],
        error_messages={"required": "Choose a format.", "invalid_choice": "Choose one of the formats."},
    )


def export_page(request: HttpRequest, *, admin: Any) -> HttpResponse:
    permit(request.user, TransferKind.EXPORT, action="export")
    sent = request.method == "POST"
    try:
        which = ProductFilter.of((request.POST if sent else request.GET).dict())
    except BadFilter as wrong:
        messages.error(request, str(wrong))
        return HttpResponseRedirect(reverse("admin:catalog_product_changelist"))
    form = ExportForm(request.POST) if sent else ExportForm()
    if form.is_bound and form.is_valid():
        try:
            transfer = begin_export(which, form.cleaned_data["format"], actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            work_at_once(transfer.pk)
            return HttpResponseRedirect(page_of(transfer))
    return _page(request, admin, form, which)


def _page(request: HttpRequest, admin: Any, form: ExportForm, which: ProductFilter) -> HttpResponse:
    count = which.products()[: MOST_COUNTED + 1].count()
    context = {
        "title": "Export products", "opts": None, "form": form, "hidden": which.as_dict(), "count": count,
        "many": count > MOST_COUNTED, "most": MOST_COUNTED, "chosen": chosen(which.as_dict()), "at_once": AT_ONCE,
        "later": count > AT_ONCE, "back": reverse("admin:catalog_transfer_changelist"), "formats": FORMATS,
        "as_format": form.data.get("format", "xlsx"),
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/transfers/export.html", context)
    response.status_code = 422 if form.is_bound else 200
    return response  # type: ignore[no-any-return]

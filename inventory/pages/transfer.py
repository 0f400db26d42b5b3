"""Pieces go from one location to another; what is short is said at its line, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from inventory.ledger.post import Item, Posted
from inventory.ledger.transfer import transfer
from inventory.models import Location
from inventory.pages import rows
from inventory.pages.fields import LocationField, key_field, open_locations, text_field
from inventory.pages.posting_form import onward, pieces_of, posted, shown
from inventory.pages.receive import chosen, kept
from inventory.pages.rows import Rows
from monitoring import audit

PERMISSION = "inventory.transfer_stock"
PREFIX = "transfer"


class TransferForm(forms.Form):
    source = LocationField("From")
    to = LocationField("To")
    reference = text_field("Reference", hint="The posting is found by it.")
    reason = text_field("Note", hint="Kept with the posting.", most=200)
    key = key_field(PREFIX)

    def __init__(self, locations: list[Location], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locations = {location.pk: location for location in locations}
        for name in ("source", "to"):
            self.fields[name].offer(locations)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("to") and data.get("source") == data.get("to"):
            self.add_error("to", "This is where it lies already: choose another location.")
        return data


def transfer_page(request: HttpRequest, admin: Any) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="transfer", subject="stock")
    locations = open_locations()
    if request.method != "POST":
        asked = request.GET
        form = TransferForm(locations, initial={"source": asked.get("from", ""), "to": asked.get("to", "")})
        lines = rows.sent(asked, chosen(asked, "from")) if asked.get("scan") else Rows([])
        return _page(request, admin, form, lines)
    form = TransferForm(locations, data=request.POST)
    lines = rows.sent(request.POST, chosen(request.POST, "source"))
    if request.POST.get("step") == "post":
        if done := _post(request, form, lines):
            source, to = (form.locations[form.cleaned_data[name]] for name in ("source", "to"))
            return onward(request, done, f"Transferred {pieces_of(lines)} from {source} to {to}.")
        return _page(request, admin, form, lines)
    return _page(request, admin, kept(form), lines)


def _post(request: HttpRequest, form: TransferForm, lines: Rows) -> Posted | None:
    rows.check(lines)
    if not lines.rows:
        form.add_error(None, "Nothing is on the list: scan or type a SKU first.")
    if not form.is_valid() or lines.faulty:
        return None
    data = form.cleaned_data
    items = [Item(row.product.pk, data["source"], row.pieces or 0) for row in lines.known if row.product]
    return posted(
        form, lines,
        lambda: transfer(
            items, to=data["to"], key=data["key"], actor=request.user,
            reference=data["reference"], reason=data["reason"],
        ),
        PREFIX,
    )  # fmt: skip


def _page(request: HttpRequest, admin: Any, form: forms.Form, lines: Rows) -> HttpResponse:
    return shown(
        request, admin, "nightshelf/stock/receive.html", form, lines,
        {"title": "Transfer", "button": "Transfer", "location_field": "source", "takes": True},
    )  # fmt: skip

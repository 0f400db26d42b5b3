"""Goods come in: scanned or typed, looked through, posted once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict

from inventory.ledger.post import Item, Posted
from inventory.ledger.receive_goods import receive_goods
from inventory.models import Location
from inventory.pages import rows
from inventory.pages.fields import LocationField, key_field, open_locations, text_field
from inventory.pages.posting_form import onward, pieces_of, posted, shown
from inventory.pages.rows import Rows
from monitoring import audit

PERMISSION = "inventory.receive_stock"
PREFIX = "receive"


class ReceiveForm(forms.Form):
    location = LocationField("Received at")
    reference = text_field("Reference", hint="Delivery note or order; the posting is found by it.")
    reason = text_field("Note", hint="Kept with the posting.", most=200)
    key = key_field(PREFIX)

    def __init__(self, locations: list[Location], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locations = {location.pk: location for location in locations}
        self.fields["location"].offer(locations)  # type: ignore[attr-defined]


def receive_page(request: HttpRequest, admin: Any) -> HttpResponse:
    """Sent with `step=post` it posts; otherwise it adds what was scanned, and shows itself again."""
    audit.permit(request.user, PERMISSION, action="receive", subject="stock")
    locations = open_locations()
    if request.method != "POST":
        form = ReceiveForm(locations, initial={"location": request.GET.get("location", "")})
        return _page(request, admin, form, Rows([]))
    form = ReceiveForm(locations, data=request.POST)
    lines = rows.sent(request.POST, chosen(request.POST, "location"))
    if request.POST.get("step") == "post":
        if done := _post(request, form, lines):
            where = form.locations[form.cleaned_data["location"]]
            return onward(request, done, f"Received {pieces_of(lines)} at {where}.")
        return _page(request, admin, form, lines)
    return _page(request, admin, kept(form), lines)


def chosen(data: QueryDict, name: str) -> int | None:
    value = data.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def kept(form: forms.Form) -> forms.Form:
    """What was typed so far, without complaints: nothing was to be posted yet."""
    made: Any = type(form)
    blank: forms.Form = made(list(form.locations.values()), initial=form.data.dict())  # type: ignore[attr-defined]
    return blank


def _post(request: HttpRequest, form: ReceiveForm, lines: Rows) -> Posted | None:
    rows.check(lines)
    if not lines.rows:
        form.add_error(None, "Nothing is on the list: scan or type a SKU first.")
    if not form.is_valid() or lines.faulty:
        return None
    data = form.cleaned_data
    items = [Item(row.product.pk, data["location"], row.pieces or 0) for row in lines.known if row.product]
    return posted(
        form, lines,
        lambda: receive_goods(
            items, key=data["key"], actor=request.user, reference=data["reference"], reason=data["reason"]
        ),
        PREFIX,
    )  # fmt: skip


def _page(request: HttpRequest, admin: Any, form: forms.Form, lines: Rows) -> HttpResponse:
    return shown(
        request, admin, "nightshelf/stock/receive.html", form, lines,
        {"title": "Receive goods", "button": "Receive", "location_field": "location"},
    )  # fmt: skip

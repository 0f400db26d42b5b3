"""A stocktake is opened: where, what of it, and whether whoever counts is shown what should be there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from catalog.models import Category
from inventory.models import Location, Stocktake, StocktakeStatus
from inventory.pages import links
from inventory.pages.fields import MOST_CHOICES, LocationField, open_locations
from inventory.stocktakes.open import MOST_NOTE, PERMISSION, open_stocktake
from inventory.stocktakes.refused import Refused
from monitoring import audit
from pages.figures import things

WAYS = [
    ("prefilled", "Prefilled: the books' figure is shown, and ticked where it is right"),
    ("blind", "Blind: nobody who counts sees what should be there"),
]


class OpenForm(forms.Form):
    location = LocationField("Location")
    category = forms.ChoiceField(
        label="Category", required=False, widget=UnfoldAdminSelectWidget(),
        help_text="With all categories below it. Left empty: everything that is on the books there.",
    )  # fmt: skip
    way = forms.ChoiceField(label="How", choices=WAYS, widget=forms.RadioSelect(), initial="prefilled")
    note = forms.CharField(
        label="Note", required=False, max_length=MOST_NOTE, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Kept with the stocktake and its posting.",
    )  # fmt: skip

    def __init__(self, locations: list[Location], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["location"].offer(locations)  # type: ignore[attr-defined]
        tree = Category.objects.order_by("path").only("pk", "name", "depth")[:MOST_CHOICES]
        named = [(str(one.pk), f"{'   ' * (one.depth - 1)}{one.name}") for one in tree]
        self.fields["category"].choices = [("", "Everything there"), *named]  # type: ignore[attr-defined]


def open_page(request: HttpRequest, admin: Any) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="open", subject="stocktake")
    locations = open_locations()
    initial = {"location": request.GET.get("location", ""), "category": request.GET.get("category", "")}
    form = OpenForm(locations, data=request.POST or None, initial=initial)
    if form.is_valid() and (opened := _opened(request, form)):
        return HttpResponseRedirect(links.stocktake(opened))
    others = Stocktake.objects.filter(status=StocktakeStatus.OPEN).select_related("location", "category", "opened_by")
    context = {"title": "Open a stocktake", "opts": None, "form": form, "others": others.order_by("-pk")[:10]}
    response = admin.rendered(request, "nightshelf/stock/stocktake_open.html", context)
    response.status_code = 422 if form.is_bound else 200
    return response  # type: ignore[no-any-return]


def _opened(request: HttpRequest, form: OpenForm) -> int | None:
    data = form.cleaned_data
    try:
        opened = open_stocktake(
            location_id=data["location"], category_id=int(data["category"]) if data["category"] else None,
            blind=data["way"] == "blind", note=data["note"], actor=request.user,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    said = (
        f"{things(opened.lines, 'product')} {'is' if opened.lines == 1 else 'are'} to be counted."
        if opened.lines
        else ("Nothing is on the books here: scan what you find, and it is put on the list.")
    )
    messages.success(request, f"The stocktake is open. {said}")
    return opened.stocktake.pk

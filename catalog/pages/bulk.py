"""Before a bulk edit: how many products are meant, what would become of the first of them, and why it is done.

The page counts no further than 10,000 and looks at no more than 2,000 prices. The set is what the list showed when the
page was opened, up to the newest product there was: the form carries both.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.categories import tree
from catalog.models import BulkStatus, BulkVerb, ProductStatus
from catalog.pages import links
from catalog.pages.fields import AmountField
from catalog.products.preview_bulk import MOST_COUNTED, counted, first_of, newest_of, preview_prices
from catalog.products.price_rule import PriceRule
from catalog.products.refused import Refused
from catalog.products.save_product import PERMISSION
from catalog.products.start_bulk import start_bulk
from catalog.products.which import BadFilter, ProductFilter
from monitoring import audit
from pages.confirm import reason_field
from pages.long_select import LongSelect

NO_CATEGORY = "none"


class BulkForm(forms.Form):
    """What every bulk edit is asked: why. `seen` is how many products the page spoke of."""

    reason = reason_field()
    intent_id = forms.CharField(max_length=64, widget=forms.HiddenInput())
    up_to = forms.IntegerField(min_value=0, widget=forms.HiddenInput())
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput())

    field_order: list[str] | None = None

    def parameters(self) -> dict[str, Any]:
        raise NotImplementedError


WRITE = "Write a number, with a minus to lower the prices: -10 or 150."


class PricesForm(BulkForm):
    field_order = ["target", "way", "value", "step", "reason"]
    target = forms.ChoiceField(
        label="Change", widget=UnfoldAdminSelectWidget(),
        choices=[("price", "The price"), ("sale_price", "The sale price"), ("both", "Both")],
    )  # fmt: skip
    way = forms.ChoiceField(
        label="By", widget=UnfoldAdminSelectWidget(), choices=[("percent", "Percent"), ("amount", "An amount")]
    )
    value = AmountField(
        label="How much", help_text="With a minus to lower them: -10.", error_messages={"required": WRITE}
    )
    step = forms.ChoiceField(
        label="Round to", widget=UnfoldAdminSelectWidget(), initial="1",
        choices=[("0.01", "0.01"), ("1", "Whole units"), ("10", "Tens"), ("100", "Hundreds")],
        help_text="The nearest one, halves up, after everything else.",
    )  # fmt: skip

    def parameters(self) -> dict[str, Any]:
        given: dict[str, Any] = {name: self.cleaned_data.get(name) for name in ("target", "way", "value", "step")}
        return given


class CategoryForm(BulkForm):
    """Named apart from the filters, which the form carries too."""

    field_order = ["to_category", "reason"]
    to_category = forms.ChoiceField(label="Category", widget=LongSelect())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", "Choose one …"), (NO_CATEGORY, "No category")]
        self.fields["to_category"].choices = [*first, *tree.choices()]  # type: ignore[attr-defined]

    def parameters(self) -> dict[str, Any]:
        chosen = self.cleaned_data["to_category"]
        return {"category": None if chosen == NO_CATEGORY else chosen}


class StatusForm(BulkForm):
    field_order = ["to_status", "reason"]
    to_status = forms.ChoiceField(
        label="Status", widget=UnfoldAdminSelectWidget(), choices=[("", "Choose one …"), *ProductStatus.choices]
    )

    def parameters(self) -> dict[str, Any]:
        return {"status": self.cleaned_data["to_status"]}


FORMS: dict[str, type[BulkForm]] = {
    BulkVerb.PRICES: PricesForm,
    BulkVerb.CATEGORY: CategoryForm,
    BulkVerb.STATUS: StatusForm,
}
TITLES = {
    BulkVerb.PRICES: "Change prices",
    BulkVerb.CATEGORY: "Change the category",
    BulkVerb.STATUS: "Change the status",
}


def bulk_page(request: HttpRequest, admin: Any, verb: str) -> HttpResponse:
    """`go=preview` shows what would become of the prices, `go=start` does it."""
    if verb not in FORMS:
        raise Http404(f"There is no bulk edit {verb}.")
    audit.permit(request.user, PERMISSION, action=f"bulk {verb}", subject="product")
    try:
        which = ProductFilter.of((request.POST if request.method == "POST" else request.GET).dict())
    except BadFilter as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(links.products())
    if request.method != "POST":
        return _page(request, admin, verb, which, FORMS[verb](initial=_initial(which)))
    form = FORMS[verb](_counted_anew(request, which))
    go = request.POST.get("go") == "start" and form.is_valid() and _as_seen(request, form, which)
    if go and (address := _started(request, verb, which, form)):
        return HttpResponseRedirect(address)
    return _page(request, admin, verb, which, form, status=200 if request.POST.get("go") == "preview" else 422)


def _initial(which: ProductFilter) -> dict[str, Any]:
    newest = newest_of(which)
    return {"intent_id": uuid4().hex, "up_to": newest, "seen": counted(which, newest)}


def _counted_anew(request: HttpRequest, which: ProductFilter) -> Any:
    """What is confirmed next is what is shown now."""
    data = request.POST.copy()
    up_to = request.POST.get("up_to", "")
    newest = int(up_to) if up_to.isascii() and up_to.isdecimal() and len(up_to) < 19 else newest_of(which)
    data["up_to"], data["seen"] = str(newest), str(counted(which, newest))
    return data


def _as_seen(request: HttpRequest, form: BulkForm, which: ProductFilter) -> bool:
    before, now = request.POST.get("seen"), form.cleaned_data["seen"]
    if before != str(now):
        form.add_error(None, f"There are {now:,} of them now, not {before}: look again.")
        return False
    return True


def _started(request: HttpRequest, verb: str, which: ProductFilter, form: BulkForm) -> str:
    data = form.cleaned_data
    try:
        edit = start_bulk(
            verb, which, form.parameters(), up_to=data["up_to"], intent_id=data["intent_id"], reason=data["reason"],
            actor=request.user,
        )  # fmt: skip
    except Refused as refusal:
        for name, sentence in refusal.fields.items():
            form.add_error(name if name in form.fields else None, sentence)
        return ""
    if edit.status == BulkStatus.RUNNING:
        messages.info(request, f"{edit.done:,} of {edit.total:,} are done; a worker goes on with the rest.")
    else:
        messages.success(request, f"{edit.changed:,} {'product' if edit.changed == 1 else 'products'} changed.")
    return links.page("bulkedit", edit.pk)


def _page(
    request: HttpRequest, admin: Any, verb: str, which: ProductFilter, form: BulkForm, *, status: int = 200
) -> HttpResponse:
    up_to, count = int(form["up_to"].value() or 0), int(form["seen"].value() or 0)
    preview = _preview(which, up_to, form) if verb == BulkVerb.PRICES and form.is_bound else None
    context = {
        "title": TITLES[BulkVerb(verb)], "content_title": TITLES[BulkVerb(verb)], "opts": None,
        "verb": verb, "form": form,
        "which": which, "chosen": _chosen(which, count), "hidden": which.as_dict(), "count": count,
        "many": count > MOST_COUNTED, "most": MOST_COUNTED, "preview": preview,
        "first": [] if preview else first_of(which, up_to), "back": links.products(which),
        "asks_preview": verb == BulkVerb.PRICES,
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/products/bulk.html", context)
    response.status_code = status
    return response  # type: ignore[no-any-return]


def _preview(which: ProductFilter, up_to: int, form: BulkForm) -> Any:
    """None when the form does not say what to do yet."""
    form.is_valid()
    try:
        return preview_prices(which, up_to, PriceRule.of(form.parameters()))
    except Refused as refusal:
        for name, sentence in refusal.fields.items():
            if name in form.fields and name not in form.errors:
                form.add_error(name, sentence)
        return None


def _chosen(which: ProductFilter, count: int) -> list[tuple[str, str]]:
    """What was chosen, in words: nobody knows a category's number by heart."""
    facts = []
    for name, value in which.as_dict().items():
        if name == "ids":
            facts.append(("Selected", f"{count:,}"))
        elif name == "category" and value.isdecimal():
            facts.append(("Category", next((label.strip() for pk, label in tree.choices() if pk == value), value)))
        else:
            facts.append(({"text": "Search"}.get(name, name.replace("_", " ").capitalize()), value))
    return facts

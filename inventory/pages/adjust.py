"""One level is put right: before and after are shown, and what others did meanwhile is said before anything is done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import Product
from inventory.adjust_level import Meanwhile, Wanted, adjust_level
from inventory.ledger.post import Posted
from inventory.ledger.refused import KeyReused, StockRefused
from inventory.models import Location, StockLevel, StockMovement
from inventory.pages import links
from inventory.pages.fields import LocationField, key_field, new_key, open_locations, text_field, whole_number
from inventory.pages.posting_form import onward
from inventory.pages.receive import chosen
from inventory.scan import find_product
from monitoring import audit
from pages.reason import NoReason

PERMISSION = "inventory.adjust_stock"
PREFIX = "adjust"
MOST = 1_000_000_000
REASONS = {
    "": "Choose a reason",
    "correction": "Correction of the books",
    "damaged": "Damaged",
    "lost": "Lost",
    "found": "Found",
    "used": "Used",
    "other": "Other, as said below",
}


class AdjustForm(forms.Form):
    mode = forms.ChoiceField(
        label="How", choices=[("set", "Set to"), ("change", "Change by")], widget=forms.RadioSelect(), initial="set"
    )
    quantity = whole_number(
        "Pieces", min_value=-MOST, max_value=MOST, attrs={"autofocus": True},
        said={"required": "Say how many: a whole number, with a minus in front of it to take away."},
    )  # fmt: skip
    why = forms.ChoiceField(
        label="Reason", choices=list(REASONS.items()), widget=UnfoldAdminSelectWidget(),
        error_messages={"required": "Choose a reason: it is kept in the history."},
    )  # fmt: skip
    text = text_field("In words", hint="Needed where the reason is another; kept with the posting.", most=500)
    key = key_field(PREFIX)
    seen = forms.IntegerField(widget=forms.HiddenInput())
    newest = forms.IntegerField(widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("why") == "other" and not data.get("text", "").strip():
            self.add_error("text", "Say in words why: the reason is another than those of the list.")
        if data.get("mode") == "set" and (data.get("quantity") or 0) < 0:
            self.add_error("quantity", "There cannot be fewer than none: set it to 0 or more, or change it by this.")
        return data

    @property
    def reason(self) -> str:
        """As it is kept: the choice, then what was said."""
        said, words = REASONS[self.cleaned_data["why"]], str(self.cleaned_data["text"]).strip()
        if self.cleaned_data["why"] == "other":
            return words
        return f"{said}: {words}" if words else said


class WhichForm(forms.Form):
    """Which level: a product by its code, at a location."""

    code = text_field("Product", hint="Scan or type a SKU or barcode.", most=64, attrs={"autofocus": True})
    location = LocationField("Location", required=False)


def adjust_page(request: HttpRequest, admin: Any) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="adjust", subject="stock")
    asked = request.POST if request.method == "POST" else request.GET
    product = Product.objects.filter(pk=chosen(asked, "product") or 0).first()
    location = Location.objects.filter(pk=chosen(asked, "location") or 0).first()
    if product is None and asked.get("code"):
        product = find_product(asked.get("code", ""))
    if product is None or location is None:
        return _which(request, admin, asked)
    if request.method != "POST":
        return _page(request, admin, product, location, AdjustForm(initial=_now(product, location)))
    form = AdjustForm(request.POST)
    if not form.is_valid():
        return _page(request, admin, product, location, form)
    wanted = _wanted(form, product, location)
    if request.POST.get("step") == "show":
        return _page(request, admin, product, location, form, wanted=wanted)
    return _done(request, admin, product, location, form, wanted)


def _wanted(form: AdjustForm, product: Product, location: Location) -> Wanted:
    data = form.cleaned_data
    to = data["quantity"] if data["mode"] == "set" else None
    return Wanted(product.pk, location.pk, data["seen"], data["newest"], to, 0 if to is not None else data["quantity"])


def _done(
    request: HttpRequest, admin: Any, product: Product, location: Location, form: AdjustForm, wanted: Wanted
) -> HttpResponse:
    meanwhile: list[StockMovement] = []
    try:
        done: Posted = adjust_level(wanted, key=form.cleaned_data["key"], reason=form.reason, actor=request.user)
    except Meanwhile as other:
        meanwhile = other.movements
        form.add_error(
            None,
            f"The level changed while this form was open: {other.on_hand:,} on hand now, not {wanted.seen:,}. Nothing"
            " was adjusted. Look at it again; what you typed is still here.",
        )
        form.data = {**form.data.dict(), **_now(product, location)}  # type: ignore[attr-defined]
    except KeyReused as refusal:
        form.data = {**form.data.dict(), "key": new_key(PREFIX)}  # type: ignore[attr-defined]
        form.add_error(None, f"{refusal} Sent once more, it is posted as another one.")
    except (StockRefused, NoReason) as refusal:
        form.add_error(None, str(refusal))
    else:
        return onward(request, done, f"{product.sku} at {location}: {wanted.seen:,} → {wanted.after:,}.")
    return _page(request, admin, product, location, form, meanwhile=meanwhile)


def _now(product: Product, location: Location) -> dict[str, Any]:
    """What the form shows, and carries so that a change of it is seen."""
    level = StockLevel.objects.filter(product=product, location=location).first()
    moved = (
        StockMovement.objects.filter(product=product, location=location).order_by("-pk").values_list("pk", flat=True)
    )
    return {"seen": level.on_hand if level else 0, "newest": moved.first() or 0}


def _which(request: HttpRequest, admin: Any, asked: Any) -> HttpResponse:
    form = WhichForm(initial={"code": asked.get("code", ""), "location": asked.get("location", "")})
    form.fields["location"].offer(open_locations())  # type: ignore[attr-defined]
    code = asked.get("code", "").strip()
    unknown = bool(code) and find_product(code) is None
    may_register = unknown and request.user.has_perm("catalog.add_product")
    context = {
        "title": "Adjust stock", "opts": None, "form": form, "code": code[:64], "unknown": unknown,
        "register": links.register(code) if may_register else "",
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/stock/adjust_which.html", context)
    response.status_code = 422 if unknown else 200
    return response  # type: ignore[no-any-return]


def _page(
    request: HttpRequest, admin: Any, product: Product, location: Location, form: AdjustForm, **more: Any
) -> HttpResponse:
    level = StockLevel.objects.filter(product=product, location=location).first()
    context = {
        "title": f"Adjust {product.sku}", "opts": None, "form": form, "product": product, "location": location,
        "level": level, "on_hand": level.on_hand if level else 0, "reserved": level.reserved if level else 0,
        "history": links.history(product.pk), "back": links.levels(q=product.sku), **more,
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/stock/adjust.html", context)
    response.status_code = 422 if form.errors else 200
    return response  # type: ignore[no-any-return]

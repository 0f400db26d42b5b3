"""One product at one location: what is there, how long it lasts, when it is ordered, and what moved last."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from inventory.cover import DAYS, days_of, left_of
from inventory.ledger import set_reorder_point as reorder_verb
from inventory.ledger.lines import MOST_PIECES
from inventory.ledger.refused import StockRefused
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.models import StockLevel, StockMovement
from inventory.pages import adjust, links, transfer
from inventory.pages.fields import whole_number
from inventory.states import state_of
from monitoring import audit

SHOWN = 10


class ReorderForm(forms.Form):
    point = whole_number(
        "Reorder point", min_value=0, max_value=MOST_PIECES, help_text="Low at or below it; 0: never told."
    )
    quantity = whole_number("Reorder quantity", min_value=0, max_value=MOST_PIECES, help_text="How many to order then.")
    seen_point = forms.IntegerField(widget=forms.HiddenInput())
    seen_quantity = forms.IntegerField(widget=forms.HiddenInput())


def level_page(request: HttpRequest, level: StockLevel, form: ReorderForm | None = None) -> dict[str, Any]:
    user, state, left = request.user, state_of(level), left_of([level]).get(level.pk)
    moved = StockMovement.objects.filter(product=level.product_id, location=level.location_id)
    return {
        "opts": None, "title": f"{level.product.sku} at {level.location.code}", "level": level, "state": state,
        "left": left, "cover": days_of(level, left), "days": DAYS,
        "form": form or ReorderForm(initial=_now(level)),
        "movements": moved.select_related("posting__actor", "location").order_by("-pk")[:SHOWN],
        "back": links.levels(), "product_url": links.product(level.product_id),
        "history_url": links.history(level.product_id, location=level.location_id),
        "adjust_url": links.adjust(level.product_id, level.location_id) if user.has_perm(adjust.PERMISSION) else "",
        "may_transfer": user.has_perm(transfer.PERMISSION) and level.available > 0,
        "may_reorder": user.has_perm(reorder_verb.PERMISSION),
    }  # fmt: skip


def reorder_page(request: HttpRequest, admin: Any, level: StockLevel) -> HttpResponse:
    """The form of the level's page, sent."""
    audit.permit(request.user, reorder_verb.PERMISSION, action="set_reorder", subject="level", subject_id=level.pk)
    if request.method != "POST":
        return HttpResponseRedirect(links.level(level.pk))
    form = ReorderForm(request.POST)
    if form.is_valid() and _set(request, level, form):
        messages.success(request, "The reorder point is kept.")
        return HttpResponseRedirect(links.level(level.pk))
    context = {"original": level, **level_page(request, level, form)}
    response = admin.rendered(request, admin.page_template, context)
    response.status_code = 422
    return response  # type: ignore[no-any-return]


def _set(request: HttpRequest, level: StockLevel, form: ReorderForm) -> bool:
    """Not over what somebody else has set since the form was shown."""
    data = form.cleaned_data
    try:
        set_reorder_point(
            level.product_id, level.location_id, reorder_point=data["point"], reorder_quantity=data["quantity"],
            seen=(data["seen_point"], data["seen_quantity"]), actor=request.user,
        )  # fmt: skip
    except StockRefused as refusal:
        form.add_error(None, str(refusal))
        level.refresh_from_db()
        now = {name: value for name, value in _now(level).items() if name.startswith("seen_")}
        form.data = {**form.data.dict(), **now}  # type: ignore[attr-defined]
        return False
    return True


def _now(level: StockLevel) -> dict[str, int]:
    point, quantity = level.reorder_point, level.reorder_quantity
    return {"point": point, "quantity": quantity, "seen_point": point, "seen_quantity": quantity}

"""Proposals accepted in bulk: which fields, how sure, why; shown before it is done, and done over a frozen set."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from batches.pages import links
from batches.proposals.decide import PERMISSION
from batches.proposals.fields import LABELS, Refused
from batches.proposals.preview import MOST_COUNTED, preview
from batches.proposals.start import start_acceptance
from batches.proposals.which import Which
from catalog.products.save_product import PERMISSION as CATALOGUE
from monitoring import audit
from pages.confirm import reason_field

DEFAULT_THRESHOLD = "0.95"


class ChooseForm(forms.Form):
    fields_ = forms.MultipleChoiceField(
        label="Fields",
        choices=list(LABELS.items()),
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Choose at least one field."},
    )
    threshold = forms.DecimalField(
        label="Confidence, at least",
        min_value=0,
        max_value=1,
        decimal_places=3,
        help_text="0 to 1, of each field by itself. A field of which the model told none is left alone.",
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.01", "inputmode": "decimal"}),
    )
    job = forms.CharField(
        label="Job",
        required=False,
        max_length=200,
        help_text="Left empty: of all jobs.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    category = forms.CharField(
        label="Proposed category",
        required=False,
        max_length=100,
        help_text="As the model wrote it. Left empty: of any, and of none.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("fields" if field_name == "fields_" else field_name)


class ConfirmForm(forms.Form):
    reason = reason_field("Kept with the acceptance and in the audit log.")
    intent_id = forms.CharField(max_length=64, widget=forms.HiddenInput())


def accept_many(request: HttpRequest, admin: Any) -> HttpResponse:
    """Choosing is a GET, so that what is shown has an address; confirming is a POST of the same choices and why."""
    for permission in (PERMISSION, CATALOGUE):
        audit.permit(request.user, permission, action="accept_many", subject="acceptance")
    given = request.POST if request.method == "POST" else request.GET
    chosen = ChooseForm(given) if "fields" in given or "threshold" in given else ChooseForm(initial=_initial(request))
    which = _which(chosen)
    confirm = ConfirmForm(request.POST if request.method == "POST" else None, initial={"intent_id": uuid4().hex})
    if request.method == "POST" and which and confirm.is_valid() and (url := _started(request, which, confirm)):
        return HttpResponseRedirect(url)
    return _page(request, admin, chosen, which, confirm)


def _initial(request: HttpRequest) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "") for name in ("job", "category")}
    return {"fields_": [], "threshold": DEFAULT_THRESHOLD, **asked}


def _which(form: ChooseForm) -> Which | None:
    if not form.is_bound or not form.is_valid():
        return None
    data = form.cleaned_data
    return Which.of({**data, "fields": data["fields_"]})


def _started(request: HttpRequest, which: Which, form: ConfirmForm) -> str:
    data = form.cleaned_data
    try:
        acceptance, new = start_acceptance(
            which, actor=request.user, reason=data["reason"], intent_id=data["intent_id"]
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return ""
    if new:
        noun = "proposal" if acceptance.total == 1 else "proposals"
        messages.success(request, f"{acceptance.total:,} {noun} are being accepted.")
    else:
        messages.info(request, "This was confirmed already: here is what it began.")
    return links.page("acceptance", acceptance.pk)


def _page(
    request: HttpRequest, admin: Any, chosen: ChooseForm, which: Which | None, confirm: ConfirmForm
) -> HttpResponse:
    context = {
        "title": "Accept proposals by confidence",
        "opts": None,
        "chosen": chosen,
        "which": which,
        "chosen_labels": [LABELS[name] for name in which.fields] if which else [],
        "preview": preview(which) if which else None,
        "most": MOST_COUNTED,
        "form": confirm,
        "back": links.proposals(),
    }
    response = admin.rendered(request, "nightshelf/proposals/accept_many.html", context)
    response.status_code = 422 if request.method == "POST" else 200
    return response  # type: ignore[no-any-return]

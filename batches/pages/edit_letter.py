"""One letter's answer, corrected by a person: looked at, tried, then redriven with why. The original stays as it is."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from batches.formats.rejection import RECORD_ID_CHARS
from batches.letters.edit import EDITABLE, MOST_CHARS, edit_and_redrive
from batches.letters.refused import Refused
from batches.letters.start_redrive import PERMISSION as REDRIVE
from batches.letters.try_edit import current_answer, try_edit
from batches.letters.write_rule import PERMISSION as EDIT
from batches.models import DeadLetter
from batches.pages import links
from batches.pages.image import picture_of
from batches.pages.shown_try import tries_of
from batches.states import LetterStatus
from monitoring import audit
from pages.confirm import reason_field
from storage.port import StorageFault


class EditForm(forms.Form):
    text = forms.CharField(
        label="The model's answer, as it should be read",
        max_length=MOST_CHARS,
        strip=False,
        help_text="A JSON object with the fields of the answer.",
        error_messages={"required": "The answer is empty: discard the letter if there is nothing to take in."},
        widget=UnfoldAdminTextareaWidget({"rows": 14, "spellcheck": "false", "class": "ns-answer"}),
    )
    record_id = forms.CharField(
        label="Image",
        required=False,
        max_length=RECORD_ID_CHARS,
        help_text="The line names no image: say which one it is about.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    reason = reason_field()
    intent_id = forms.CharField(max_length=64, widget=forms.HiddenInput())


def edit_page(request: HttpRequest, admin: Any, letter: DeadLetter) -> HttpResponse:
    """Sent with `step=try` it shows what would become of it; with `step=start` it is kept and redriven."""
    for permission in (EDIT, REDRIVE):
        audit.permit(request.user, permission, action="edit", subject="letter", subject_id=letter.pk)
    if letter.kind not in EDITABLE or letter.status != LetterStatus.OPEN:
        messages.warning(request, "Only an open letter about a line can be edited.")
        return HttpResponseRedirect(links.page("deadletter", letter.pk))
    if request.method != "POST":
        text, fault = _answer(letter)
        form = EditForm(initial={"text": text, "intent_id": uuid4().hex})
        return _page(request, admin, letter, form, fault=fault)
    form = EditForm(request.POST)
    if request.POST.get("step") != "start":
        return _page(request, admin, letter, form, tried=True, **_tried(request, letter))
    if form.is_valid() and (redrive := _started(request, letter, form)):
        messages.success(request, "The corrected answer is kept, and the letter is being redriven.")
        return HttpResponseRedirect(links.page("redrive", redrive))
    return _page(request, admin, letter, form, status=422)


def _answer(letter: DeadLetter) -> tuple[str, str]:
    """The model's text, laid out to be edited; and why there is none."""
    try:
        text = current_answer(letter)
    except StorageFault as fault:
        return "", f"{fault} An answer can still be written by hand."
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2), ""
    except ValueError:
        return text, ""


def _tried(request: HttpRequest, letter: DeadLetter) -> dict[str, Any]:
    try:
        run = try_edit(
            letter, request.POST.get("text", ""), record_id=request.POST.get("record_id", ""),
            actor=request.user,
        )  # fmt: skip
        return tries_of(run)
    except (Refused, StorageFault) as fault:
        return {"fault": str(fault)}


def _started(request: HttpRequest, letter: DeadLetter, form: EditForm) -> int | None:
    data = form.cleaned_data
    try:
        started = edit_and_redrive(
            letter.pk, data["text"], why=data["reason"], actor=request.user,
            intent_id=data["intent_id"], record_id="" if letter.record_id else data["record_id"],
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    return started.redrive.pk


def _page(
    request: HttpRequest, admin: Any, letter: DeadLetter, form: EditForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    if letter.record_id:
        form.fields.pop("record_id", None)
    context = {
        "title": f"Edit letter {letter.pk}",
        "opts": None,
        "letter": letter,
        "form": form,
        **picture_of(request, letter.record_id if letter.job and letter.job.kind == "receipts" else ""),
        **more,
    }
    response = admin.rendered(request, "nightshelf/letters/edit.html", context)
    response.status_code = status
    return response  # type: ignore[no-any-return]

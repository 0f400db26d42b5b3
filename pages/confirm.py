"""A page that asks before it does: what will happen, why somebody wants it, and the button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from pages.reason import MOST_CHARS


def reason_field(hint: str = "", label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST_CHARS,
        help_text=hint or "Kept in the history and in the audit log.",
        error_messages={"required": "Say why: whoever looks at this later will want to know."},
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )


class ReasonForm(forms.Form):
    reason = reason_field()


def confirm_page(request: HttpRequest, admin: Any, form: forms.Form, **context: Any) -> HttpResponse:
    """`context`: heading, text, button, back; optionally danger, facts (name, value, url), hidden, banners."""
    told = {"title": context["heading"], "content_title": context["heading"], "opts": None, "form": form, **context}
    response = admin.rendered(request, "nightshelf/confirm.html", told)
    response.status_code = 422 if form.is_bound and not form.is_valid() else 200
    return response  # type: ignore[no-any-return]

"""A form with lines that becomes one posting: receiving and transferring differ only in what they ask and which verb
they call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from inventory.ledger.post import Posted
from inventory.ledger.refused import KeyReused, StockRefused
from inventory.models import StockPosting
from inventory.pages import links, rows
from inventory.pages.fields import new_key
from inventory.pages.rows import Rows
from pages.reason import NoReason

AGAIN = "This was posted already, when the form was sent the first time: nothing was done twice."


def fresh_key(form: forms.Form, prefix: str) -> None:
    """What is confirmed next is another posting."""
    form.data = {**form.data.dict(), "key": new_key(prefix)}  # type: ignore[attr-defined]


def posted(form: forms.Form, lines: Rows, do: Callable[[], Posted], prefix: str) -> Posted | None:
    """None: the form and the rows say why, and keep what was typed."""
    try:
        return do()
    except KeyReused:
        known = StockPosting.objects.filter(key=form.cleaned_data["key"]).first()
        fresh_key(form, prefix)
        form.add_error(
            None,
            f"This form was posted before, as posting {known.pk if known else ''}, and then changed. Look through it:"
            " sent once more, it is posted as it is now, as another posting.",
        )
    except (StockRefused, NoReason) as refusal:
        faults = getattr(refusal, "rows", [])
        left = rows.refuse(lines, faults)
        if left or not faults:
            form.add_error(None, left or str(refusal))
    return None


def onward(request: HttpRequest, done: Posted, sentence: str) -> HttpResponse:
    if done.repeated:
        messages.info(request, AGAIN)
    else:
        messages.success(request, sentence)
    return HttpResponseRedirect(links.posting(done.posting.pk))


def shown(
    request: HttpRequest, admin: Any, template: str, form: forms.Form, lines: Rows, more: Mapping[str, Any]
) -> HttpResponse:
    failed = bool(form.is_bound and (form.errors or lines.faulty))
    context = {
        "opts": None, "form": form, "lines": lines, "failed": failed,
        "may_register": request.user.has_perm("catalog.add_product"), **more,
    }  # fmt: skip
    response = admin.rendered(request, template, context)
    response.status_code = 422 if failed else 200
    return response  # type: ignore[no-any-return]


def pieces_of(lines: Rows) -> str:
    pieces, products = lines.pieces, len(lines.known)
    return f"{pieces:,} piece{'' if pieces == 1 else 's'} of {products:,} product{'' if products == 1 else 's'}"

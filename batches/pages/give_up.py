"""Discarding letters, and having them back: both ask first, say how many, and want a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from batches.letters import discard as discard_verb
from batches.letters import restore as restore_verb
from batches.letters.filters import BadFilter, LetterFilter
from batches.models import LetterGroup
from batches.pages import links
from batches.pages.redrive_new import back_to
from batches.states import LetterStatus
from monitoring import audit
from pages.confirm import confirm_page, reason_field

MOST = 20_000  # what a request has time for
TEXTS = {
    "discard": "They are given up: nobody is asked to look at them any more, and no redrive takes them. Until 24 hours"
    " from now they can be had back, from the letter's page or by the list's filter of discarded letters.",
    "restore": "They are open again, and wait for a person. Only letters that were discarded less than 24 hours ago"
    " can be had back.",
}
FROM = {"discard": LetterStatus.OPEN, "restore": LetterStatus.DISCARDED}


class GiveUpForm(forms.Form):
    reason = reason_field()
    seen = forms.IntegerField(widget=forms.HiddenInput())


def give_up(request: HttpRequest, admin: Any, verb: str) -> HttpResponse:
    """`verb` is discard or restore."""
    audit.permit(request.user, discard_verb.PERMISSION, action=verb, subject="letter")
    try:
        which = LetterFilter.of((request.POST if request.method == "POST" else request.GET).dict())
    except BadFilter as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(links.letters())
    count = which.letters().filter(status=FROM[verb]).order_by()[: MOST + 1].count()
    form = GiveUpForm(request.POST or None, initial={"seen": count})
    if form.is_valid() and _may_go(form, count):
        return _done(request, which, verb, form.cleaned_data["reason"])
    if form.is_bound:
        # What is confirmed next is what is shown now.
        form.data = {**form.data.dict(), "seen": count}  # type: ignore[attr-defined]
    return _page(request, admin, which, verb, form, count)


def _may_go(form: GiveUpForm, count: int) -> bool:
    if not 0 < count <= MOST:
        return False
    if count != form.cleaned_data["seen"]:
        form.add_error(None, f"There are {count:,} of them now, not {form.cleaned_data['seen']:,}: look again.")
        return False
    return True


def _done(request: HttpRequest, which: LetterFilter, verb: str, reason: str) -> HttpResponse:
    if verb == "discard":
        done = discard_verb.discard(which, actor=request.user, reason=reason)
        messages.success(request, f"{_letters(done)} discarded. They can be had back for {restore_verb.HOURS} hours.")
    else:
        restored, late = restore_verb.restore(which, actor=request.user, reason=reason)
        tail = f" {late:,} were discarded too long ago." if late else ""
        messages.add_message(
            request, messages.SUCCESS if restored else messages.WARNING, f"{_letters(restored)} open again.{tail}"
        )
    return HttpResponseRedirect(back_to(which))


def _page(
    request: HttpRequest, admin: Any, which: LetterFilter, verb: str, form: GiveUpForm, count: int
) -> HttpResponse:
    banners = []
    if not count:
        banners.append(("warn", f"No {FROM[verb]} letter is like this.", "There is nothing to do."))
    if count > MOST:
        banners.append(("warn", f"More than {MOST:,} letters are like this.",
                        f"Narrow them down by a filter, or use: manage.py deadletters {verb}"))  # fmt: skip
    number = f"more than {MOST:,} letters" if count > MOST else _letters(count)
    return confirm_page(
        request, admin, form, heading=f"{verb.capitalize()} {number}", text=TEXTS[verb], back=back_to(which),
        button=f"{verb.capitalize()} {number}" if 0 < count <= MOST else "", danger=verb == "discard",
        facts=_facts(which), hidden=which.as_dict(), banners=banners,
    )  # fmt: skip


def _facts(which: LetterFilter) -> list[tuple[str, str, str]]:
    """What was chosen; the group by its name, for nobody knows a fingerprint by heart."""
    group = LetterGroup.objects.filter(pk=which.group).first() if which.group else None
    chosen = which.as_dict() | ({"group": str(group)} if group else {})
    names = {"group": "Problem", "ids": "Letters"}
    return [(names.get(name, name.capitalize()), value[:200], "") for name, value in chosen.items()]


def _letters(count: int) -> str:
    return f"{count:,} {'letter' if count == 1 else 'letters'}"

"""What can be done with all letters that a list's filters leave, not only with those on the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from batches.letters.filters import BadFilter, LetterFilter
from batches.pages.permitted import permitted
from batches.pages.redrive_new import url_for


def matching(request: HttpRequest) -> dict[str, Any]:
    """Addresses for the verbs; none where the filters are no filter."""
    try:
        which = LetterFilter.of(request.GET.dict())
    except BadFilter:
        return {}
    may, status = permitted(request), which.status
    query = url_for(which).partition("?")[2]
    return {
        "chosen": which,
        "redrive_url": url_for(which) if may["redrive"] and status in ("", "open") else "",
        "discard_url": _address("discard", query) if may["discard"] and status in ("", "open") else "",
        "restore_url": _address("restore", query) if may["discard"] and status == "discarded" else "",
    }


def _address(verb: str, query: str) -> str:
    return f"{reverse(f'admin:batches_deadletter_{verb}')}?{query}"

"""The page between an operator's click and the verb: what will be done to how many images, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import INPUT_CLASSES

from batches.models import ImageUpload
from batches.moves.decide import AGAIN, CLEAN, MOST_AT_ONCE, Verb
from batches.pages import links

SHOWN = 5
WHAT = {
    AGAIN.name: "Each is copied to processed/, verified, and deleted under uploads/. One that was moved meanwhile is"
    " left as it is.",
    CLEAN.name: "Each copy is looked at once more, copied again if it has gone, and only then the source is deleted.",
}
Render = Callable[[HttpRequest, str, dict[str, Any]], Any]


def confirmation(
    request: HttpRequest, render: Render, verb: Verb, chosen: QuerySet[ImageUpload], *, back: str, fault: str = ""
) -> Any:
    """The rows the verb can do something about; what the list's form sent is sent along."""
    rows = chosen.filter(status=verb.source)
    count = rows.order_by()[: MOST_AT_ONCE + 1].count()
    context = {
        "title": verb.name.capitalize(),
        "question": _question(verb, count),
        "what": WHAT[verb.name] if count else f"None of the chosen images is in the state “{verb.source.label}”.",
        "sample": rows[:SHOWN],
        "more": max(0, count - SHOWN),
        "count": count,
        "carried": _carried(request),
        "reason": request.POST.get("reason", ""),
        "fault": fault,
        "button": verb.name.capitalize(),
        "back": back or links.images(),
        "input_classes": " ".join(INPUT_CLASSES),
    }
    return render(request, "nightshelf/files/decide.html", context)


def _question(verb: Verb, count: int) -> str:
    images = "1 image" if count == 1 else f"{count:,} images"
    return f"Move {images} again?" if verb is AGAIN else f"Clean up the source of {images}?"


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    names = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
    return [(name, value) for name in names for value in request.POST.getlist(name)]

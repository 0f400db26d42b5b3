"""A dead letter's page: what could not be taken in, why, where it stands, and what belongs to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from batches import kinds
from batches.kinds.kind import Kind
from batches.letters import restore
from batches.letters.edit import EDITABLE
from batches.models import DeadLetter, LetterGroup, RedriveItem
from batches.original_line import has_line
from batches.pages import links
from batches.pages.image import picture_of
from batches.pages.message import message_of
from batches.pages.numbering import lines_before, number_in_file
from batches.pages.permitted import permitted
from batches.states import ItemStatus, LetterKind, LetterStatus

MOST_SHOWN = 20
WHAT = {
    LetterKind.LINE: "This line could not become a row. It is counted as dead.",
    LetterKind.CONFLICT: "This line differs from a row that a person has decided about, so the row was kept. "
    "It is counted as superseded, not as dead.",
    LetterKind.FILE: "This is about a file as a whole.",
    LetterKind.EVENT: "An object that landed, or a message about one, could not be placed.",
    LetterKind.IMAGE: "This is about an image that could not be moved. No line is counted here: the row was written.",
    LetterKind.POISON: "A part of a file could not be worked on, however often it was tried: none of its lines counts.",
}
NAMES = {
    "put_right": ("Put right", "good"),
    "failed_again": ("Failed again", "bad"),
    "came_of": ("Came of a redrive", "busy"),
    "discarded": ("Discarded", "calm"),
    "restored": ("Open again", "warn"),
    "edited": ("Edited", "busy"),
    "resolved": ("Resolved", "good"),
}


class Happened(NamedTuple):
    at: datetime
    what: str
    detail: str
    tone: str
    by: str = ""
    redrive: int | None = None


def letter_page(request: HttpRequest, letter: DeadLetter) -> dict[str, Any]:
    before = lines_before([letter.chunk_id]).get(letter.chunk_id or 0)
    kind = kinds.get(letter.job.kind if letter.job else "receipts")
    may = permitted(request)
    is_open = letter.status == LetterStatus.OPEN
    in_hand = RedriveItem.objects.filter(letter=letter, status=ItemStatus.WAITING).first() if is_open else None
    return {
        "letter": letter,
        "what": WHAT[LetterKind(letter.kind)],
        "number": number_in_file(before, letter.line),
        "has_line": has_line(letter),
        "kind": kind,
        "row_url": row_url(kind, letter),
        "group": LetterGroup.objects.filter(pk=letter.group_id).first(),
        "history": history_of(letter),
        "child": letter.children.first(),
        "others": _about_the_same_image(letter),
        **picture_of(request, letter.record_id if kind.name == "receipts" else ""),
        "in_hand": in_hand,
        "may": may,
        "may_edit": may["edit"] and may["redrive"] and is_open and letter.kind in EDITABLE and not in_hand,
        "may_redrive": may["redrive"] and is_open and not in_hand,
        "may_discard": may["discard"] and is_open,
        "may_restore": may["discard"] and _may_restore(letter),
        "restorable_until": letter.closed_at + timedelta(hours=restore.HOURS) if letter.closed_at else None,
        "message": message_of(letter),
    }


def row_url(kind: Kind, letter: DeadLetter) -> str:
    """Of the row that the letter's line became, or would be written over; '' when there is none."""
    pk = letter.transaction_id
    return links.row(kind, pk) if pk and kind.model._default_manager.filter(pk=pk).exists() else ""


def history_of(letter: DeadLetter) -> list[Happened]:
    """Of the letter and of those before it whose place it took, the oldest first; what follows it is linked."""
    line = _ancestors(letter)
    moments = [_buried(line[0])]
    for each in line:
        for event in each.events.select_related("actor").order_by("id"):
            what, tone = NAMES.get(event.name, (event.name.replace("_", " ").capitalize(), "calm"))
            of = f" (letter {each.pk})" if each.pk != letter.pk else ""
            by = event.actor.get_username() if event.actor else ""
            moments.append(Happened(event.at, what + of, event.message, tone, by, event.redrive_id))
    return moments


def _ancestors(letter: DeadLetter) -> list[DeadLetter]:
    """The letter and its last few parents, the oldest first."""
    line = [letter]
    while line[0].parent is not None and len(line) < 4:
        line.insert(0, line[0].parent)
    return line


def _buried(first: DeadLetter) -> Happened:
    return Happened(first.created_at, "Could not be taken in", first.message, "bad")


def _about_the_same_image(letter: DeadLetter) -> list[DeadLetter]:
    if not letter.record_id:
        return []
    others = DeadLetter.objects.filter(record_id=letter.record_id).exclude(pk=letter.pk)
    return list(others.select_related("job").order_by("-id")[:MOST_SHOWN])


def _may_restore(letter: DeadLetter) -> bool:
    if letter.status != LetterStatus.DISCARDED or letter.closed_at is None:
        return False
    return letter.closed_at > timezone.now() - timedelta(hours=restore.HOURS)

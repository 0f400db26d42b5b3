"""A redrive's page: how far it is, what became of each letter, and why it rests."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from batches import kinds
from batches.letters import progress
from batches.letters.filters import LetterFilter
from batches.letters.patch import told
from batches.models import DeadLetter, Redrive, RedriveItem
from batches.pages import links
from batches.pages.permitted import permitted
from batches.pages.redrive_new import url_for
from batches.pages.redrive_rows import RedriveRow
from batches.states import ItemStatus, RedriveStatus, before
from pages.banners import Banner

PER_PAGE = 50
VERBS = {"pause": RedriveStatus.PAUSED, "resume": RedriveStatus.RUNNING, "cancel": RedriveStatus.CANCELLED}


class ItemRow(NamedTuple):
    """`child` is the letter that took the failed one's place."""

    item: RedriveItem
    child: int | None

    @property
    def row_url(self) -> str:
        """Of the row that the letter's line became."""
        letter = self.item.letter
        if not (letter.transaction_id and letter.job and self.item.status == ItemStatus.PUT_RIGHT):
            return ""
        return links.row(kinds.get(letter.job.kind), letter.transaction_id)


def redrive_page(request: HttpRequest, redrive: Redrive) -> dict[str, Any]:
    row = RedriveRow(redrive, progress.of_redrive(redrive.pk))
    status = _status(request.GET.get("status", ""), row)
    page = _number(request.GET.get("p", ""))
    items = _items(redrive.pk, status, page)
    return {
        "row": row,
        "redrive": redrive,
        "title": str(redrive),
        "banners": _banners(row),
        "status": status,
        "status_label": ItemStatus(status).label,
        "items": items[:PER_PAGE],
        "page": page,
        "more_items": len(items) > PER_PAGE,
        "may": permitted(request),
        "verbs": [verb for verb, state in VERBS.items() if redrive.status in before(state)],
        "rule_does": [told(operation) for operation in redrive.rule.operations] if redrive.rule else [],
        "letters_url": _letters_url(redrive),
        "again_url": url_for(LetterFilter(redrive=str(redrive.pk), status="open")) if row.figures.failed else "",
        "now": timezone.now(),
    }


def _status(asked: str, row: RedriveRow) -> str:
    """What was asked for; else what needs a look: failures, when there are any."""
    if asked in ItemStatus.values:
        return asked
    return str(ItemStatus.FAILED if row.figures.failed else ItemStatus.PUT_RIGHT)


def _number(asked: str) -> int:
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


def _items(redrive_id: int, status: str, page: int) -> list[ItemRow]:
    first = (page - 1) * PER_PAGE
    found = RedriveItem.objects.filter(redrive=redrive_id, status=status).select_related("letter__job").order_by("id")
    items = list(found[first : first + PER_PAGE + 1])
    parents = [item.letter_id for item in items] if status == ItemStatus.FAILED else []
    children = dict(DeadLetter.objects.filter(parent__in=parents).values_list("parent", "pk")) if parents else {}
    return [ItemRow(item, children.get(item.letter_id)) for item in items]


def _letters_url(redrive: Redrive) -> str:
    if redrive.group_id:
        return links.page("lettergroup", redrive.group_id)
    ids = redrive.filters.get("ids", "")
    return links.page("deadletter", ids) if ids.isdecimal() else ""


def _banners(row: RedriveRow) -> list[Banner]:
    redrive = row.redrive
    if redrive.status == RedriveStatus.STOPPED:
        return [Banner("bad", "It stopped by itself.", redrive.stop_reason)]
    if redrive.status == RedriveStatus.PAUSED:
        why = f" Why: {redrive.stop_reason}" if redrive.stop_reason else ""
        return [Banner("calm", "Paused.", f"No further letter is begun until it is resumed.{why}")]
    if redrive.status == RedriveStatus.CANCELLED:
        text = "What was put right stays so; the letters that waited are free for another redrive."
        return [Banner("calm", "Cancelled.", f"{text} {redrive.stop_reason}".strip())]
    if redrive.last_error:
        return [Banner("warn", "It waits for something that may pass.", f"{redrive.last_error} It is tried again.")]
    return _finished(row)


def _finished(row: RedriveRow) -> list[Banner]:
    if row.redrive.status != RedriveStatus.FINISHED:
        return []
    figures = row.figures
    if figures.failed:
        text = (
            "Each says why below, and is a letter of its own now. Correct the rule or the cause, and try those again."
        )
        return [Banner("warn", f"{figures.failed:,} of {figures.total:,} failed again.", text)]
    return [Banner("good", "Done.", f"{figures.put_right:,} of {figures.total:,} letters were put right.")]

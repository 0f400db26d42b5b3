"""What a person has to know first about a transfer, and what to do next."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone

from catalog.models import Category, Transfer, TransferKind, TransferStatus
from catalog.products.which import NO_CATEGORY
from pages import figures
from pages.figures import things


class Banner(NamedTuple):
    tone: str
    title: str
    text: str
    url: str = ""
    link: str = ""


def banners_of(transfer: Transfer) -> list[Banner]:
    if transfer.status in (TransferStatus.CHECKING, TransferStatus.RUNNING):
        if transfer.failure:
            return [Banner("warn", "It waits for something that may pass.", f"{transfer.failure} It is tried again.")]
        return []
    found = {
        TransferStatus.CHECKED: _checked,
        TransferStatus.FINISHED: _finished,
        TransferStatus.FAILED: _failed,
        TransferStatus.CANCELLED: _cancelled,
    }[TransferStatus(transfer.status)](transfer)
    return [found]


def outlook(transfer: Transfer) -> str:
    """One short line below the bar."""
    if transfer.total is None:
        return "The file is being read …" if transfer.kind == TransferKind.IMPORT else "Waiting for a worker …"
    told = f"{transfer.done:,} of {transfer.total:,} rows"
    began = transfer.confirmed_at or transfer.created_at
    seconds = (timezone.now() - began).total_seconds()
    if not transfer.done or seconds < 1:
        return f"{told} · waiting for a worker" if not transfer.leased_until else told
    rate = transfer.done / seconds
    return f"{told} · {rate:,.0f} rows/s · about {figures.about((transfer.total - transfer.done) / rate)} left"


def chosen(filters: dict[str, str]) -> list[tuple[str, str]]:
    """What was chosen, in words."""
    told = []
    for name, value in filters.items():
        if name == "ids":
            count = value.count(",") + 1
            told.append(("Selected", f"{count:,} product{'' if count == 1 else 's'}"))
        elif name == "category" and value != NO_CATEGORY:
            told.append(("Category", Category.objects.filter(pk=value).values_list("name", flat=True).first() or "–"))
        else:
            told.append((name.replace("_", " ").replace("text", "search").capitalize(), value[:100]))
    return told


def _checked(transfer: Transfer) -> Banner:
    good = transfer.added + transfer.changed
    if not good and not transfer.refused:
        return Banner("good", "Nothing would change.", "All products are already as the file says.")
    if not good:
        text = "Nothing would be added or changed. Below is what is wrong: put it right and upload the file again."
        return Banner("bad", f"{_rows(transfer.refused)} of the file {_are(transfer.refused)} refused.", text)
    if transfer.refused:
        them = "it" if transfer.refused == 1 else "them"
        text = f"Put {them} right and upload the file again, or import the good rows without {them}."
        return Banner("warn", f"{_rows(transfer.refused)} {_are(transfer.refused)} refused.", text)
    return Banner("calm", "Nothing has been written yet.", "Look at what would change, and confirm it below.")


def _finished(transfer: Transfer) -> Banner:
    if transfer.kind == TransferKind.EXPORT:
        return Banner("good", "The file is ready.", f"{_rows(transfer.done)}, as of {_moment(transfer)}.")
    done = f"{transfer.added:,} added, {transfer.changed:,} changed, {transfer.same:,} as they were"
    if transfer.refused:
        return Banner("warn", f"Imported, but for {_rows(transfer.refused)}.", f"{done}. Each refused row says why.")
    return Banner("good", "Imported.", f"{done}.")


def _failed(transfer: Transfer) -> Banner:
    title = "The file could not be made." if transfer.kind == TransferKind.EXPORT else "The file was not imported."
    if transfer.kind == TransferKind.IMPORT and transfer.confirmed_at and transfer.done:
        title = f"The import stopped after {_rows(transfer.done)}. These are written."
    return Banner("bad", title, transfer.failure)


def _cancelled(transfer: Transfer) -> Banner:
    if transfer.confirmed_at:
        came = things(transfer.added, "product")
        text = f"Before that {came} came in and {transfer.changed:,} changed; they stay so."
        return Banner("calm", "Cancelled.", f"{text} {transfer.failure}".strip())
    return Banner("calm", "Cancelled.", transfer.failure or "Nothing was written.")


def _rows(count: int) -> str:
    return things(count, "row")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _moment(transfer: Transfer) -> str:
    return f"{timezone.localtime(transfer.finished_at):%H:%M}" if transfer.finished_at else "now"

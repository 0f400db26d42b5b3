"""An object's history: its rows' changes and the verbs that people did or were refused, as one line of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitoring.history.change import Change, Kind, Via
from monitoring.history.readable import Reader, Told, called
from monitoring.history.track import Tracked
from monitoring.history.who import by_which_way, who_changed, who_did
from monitoring.models import AuditEntry

ITEMS = 25
MOST_REASONS = 200
TONES = {Kind.ADDED: "good", Kind.CHANGED: "busy", Kind.DELETED: "bad"}


class Bounds(NamedTuple):
    """Below which numbers a page begins: each of the two sources is gone through by its own key."""

    change: int | None = None
    entry: int | None = None


class Item(NamedTuple):
    at: datetime
    tone: str
    what: str
    who: str
    way: str = ""
    told: Sequence[Told] = ()
    reasons: Sequence[str] = ()
    outside: bool = False
    request_id: str = ""
    trace_id: str = ""
    change: int | None = None
    entry: int | None = None


class Timeline(NamedTuple):
    """The newest first. `older`: where the next page begins, if there is one."""

    items: list[Item]
    older: Bounds | None


def timeline(of: Tracked, pk: str, below: Bounds) -> Timeline:
    """Four queries, and one for each table whose rows are named."""
    changes = _changes(of, pk, below.change)
    entries = _entries(of, pk, below.entry)
    told_with = {change.request_id for change in changes if change.request_id}
    # A verb that was done is told with the changes it made; refused, or without any, it stands for itself.
    alone = [entry for entry in entries if not (entry.allowed and entry.request_id in told_with)]
    rows: list[Change | AuditEntry] = sorted([*changes, *alone], key=_at, reverse=True)
    shown = rows[:ITEMS]
    told = [entry for entry in entries if entry not in alone]
    more = len(rows) > ITEMS or len(entries) > ITEMS
    return Timeline(_items(shown), _next(shown, told, below) if more else None)


def _changes(of: Tracked, pk: str, below: int | None) -> list[Change]:
    rows = Change.objects.filter(pgh_obj_model=of.label, pgh_obj_id=pk).order_by("-pgh_id").select_related("actor")
    return list((rows.filter(pgh_id__lt=below) if below else rows)[: ITEMS + 1])


def _entries(of: Tracked, pk: str, below: int | None) -> list[AuditEntry]:
    if not of.subject:
        return []
    rows = AuditEntry.objects.filter(subject=of.subject, subject_id=pk).order_by("-id").select_related("actor")
    return list((rows.filter(pk__lt=below) if below else rows)[: ITEMS + 1])


def _at(row: Change | AuditEntry) -> datetime:
    return row.pgh_created_at if isinstance(row, Change) else row.at


def _next(shown: list[Change | AuditEntry], told: list[AuditEntry], below: Bounds) -> Bounds:
    """Entries that were told with a change are behind us as soon as what came at their time is."""
    last = _at(shown[-1])
    changes = [row.pgh_id for row in shown if isinstance(row, Change)]
    entries = [row.pk for row in shown if isinstance(row, AuditEntry)]
    entries += [entry.pk for entry in told if entry.at >= last]
    return Bounds(min(changes, default=below.change), min(entries, default=below.entry))


def _items(rows: list[Change | AuditEntry]) -> list[Item]:
    changes = [row for row in rows if isinstance(row, Change)]
    reader, reasons = Reader(changes), reasons_of(changes)
    return [_of_change(row, reader, reasons) if isinstance(row, Change) else _of_entry(row) for row in rows]


def _of_change(change: Change, reader: Reader, reasons: Mapping[str, Sequence[str]]) -> Item:
    return Item(
        at=change.pgh_created_at,
        tone=TONES[Kind(change.pgh_label)],
        what=headline(change),
        who=who_changed(change),
        way=by_which_way(change),
        told=reader.told(change),
        reasons=reasons.get(change.request_id, ()),
        outside=change.via == Via.OUTSIDE,
        request_id=change.request_id,
        trace_id=change.trace_id,
        change=change.pgh_id,
    )


def _of_entry(entry: AuditEntry) -> Item:
    verb = entry.action.replace("_", " ")
    return Item(
        at=entry.at,
        tone="calm" if entry.allowed else "bad",
        what=verb.capitalize() if entry.allowed else f"Refused: {verb}",
        who=who_did(entry),
        reasons=[entry.reason] if entry.reason else (),
        request_id=entry.request_id,
        trace_id=entry.trace_id,
        entry=entry.pk,
    )


def headline(change: Change) -> str:
    """`Changed`; of a part of the object, `Picture front.jpg added`; with the verb, where there was one."""
    kind = str(change.get_pgh_label_display())
    if change.pgh_model != change.pgh_obj_model:
        kind = f"{called(change).capitalize()} {change.name}".strip() + f" {kind.lower()}"
    return f"{kind} ({change.action.replace('_', ' ')})" if change.action else kind


def reasons_of(changes: Iterable[Change]) -> dict[str, list[str]]:
    """What was said in the audit log of the same requests, by their ids."""
    ids = {change.request_id for change in changes if change.request_id}
    found: dict[str, list[str]] = defaultdict(list)
    if ids:
        entries = AuditEntry.objects.filter(request_id__in=ids, allowed=True).exclude(reason="").order_by("id")
        for request_id, reason in entries.values_list("request_id", "reason").distinct()[:MOST_REASONS]:
            found[request_id].append(reason)
    return found

"""Which letters are meant: the one definition of the filters of the list, the command line and whatever works in bulk.

Each is answered by an index; docs/architecture.md names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from batches.models import DeadLetter, Job, RedriveItem
from batches.search import TRACE_CHARS, TRANSACTION_CHARS, hex_id, images_of
from batches.states import ItemStatus, LetterKind, LetterStatus
from pages.moments import EXAMPLE, moments

Letters = QuerySet[DeadLetter]
MOST_IDS = 10_000
GROUP_CHARS = 16
# The names the admin's own filters have in an address.
IN_ADDRESS = {
    "kind__exact": "kind", "status__exact": "status", "created_at_from": "since", "created_at_to": "until", "q": "text",
}  # fmt: skip


class BadFilter(ValueError):
    """In a sentence: what cannot be filtered by, and how it is written instead."""


@dataclass(frozen=True)
class LetterFilter:
    """All that is given must hold; '' is not given. Everything is text, as an address and a form have it.

    `ids` are numbers with commas between; `job` is a job's id, `file` a file's number, `group` a fingerprint; `text`
    an image, transaction, trace or reason; `redrive` a redrive's number, and the letters are those it left: that could
    not be read, or took the place of ones that failed again; `since` and `until` are days of the business's time zone,
    both included; `written` is two moments, `2026-02-03T01:00Z..2026-02-03T01:05Z`, the second one not included.
    """

    ids: str = ""
    kind: str = ""
    status: str = ""
    code: str = ""
    field: str = ""
    job: str = ""
    file: str = ""
    group: str = ""
    user: str = ""
    image: str = ""
    text: str = ""
    redrive: str = ""
    since: str = ""
    until: str = ""
    written: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> LetterFilter:
        """From an address's parameters, a command's options or `as_dict`. Other names are left out; BadFilter."""
        names = {field.name for field in fields(cls)}
        named = {IN_ADDRESS.get(name, name): str(value).strip() for name, value in values.items() if value is not None}
        made = cls(**{name: value for name, value in named.items() if name in names})
        made.letters()
        return made

    def as_dict(self) -> dict[str, str]:
        """What is given, to be kept as JSON."""
        return {name: value for name, value in asdict(self).items() if value}

    def letters(self, among: Letters | None = None) -> Letters:
        """The letters that are meant, unsorted and not read yet. BadFilter."""
        found = DeadLetter.objects.all() if among is None else among
        for name, value in self.as_dict().items():
            found = BY[name](found, value)
        return found

    def __str__(self) -> str:
        said = {**self.as_dict(), **({"written": _in_words(self.written)} if self.written else {})}
        return ", ".join(f"{name} {value}" for name, value in said.items()) or "all"


def by_job(letters: Letters, job_id: str) -> Letters:
    """Looked up first: with the number at hand the planner can use an index that begins with it."""
    pk = Job.objects.filter(job_id=job_id).values_list("pk", flat=True).first()
    return letters.filter(job_id=pk) if pk else letters.none()


def by_text(letters: Letters, term: str) -> Letters:
    """What was typed into the search box: an image, a transaction's or trace's id, or a reason."""
    matching = Q(record_id=term) & ~Q(record_id="") | Q(code=term)
    if (pk := hex_id(term, TRANSACTION_CHARS)) and (images := images_of(transaction=pk)):
        matching |= Q(record_id__in=images)
    if (trace := hex_id(term, TRACE_CHARS)) and (images := images_of(trace=trace)):
        matching |= Q(record_id__in=images)
    return letters.filter(matching)


def by_file(letters: Letters, number: str) -> Letters:
    return letters.filter(file_id=_number(number, "file"))


def by_redrive(letters: Letters, number: str) -> Letters:
    failed = RedriveItem.objects.filter(redrive=_number(number, "redrive"), status=ItemStatus.FAILED).order_by()
    children = DeadLetter.objects.filter(parent__in=failed.values("letter")).order_by().values("pk")
    return letters.filter(Q(pk__in=failed.values("letter")) | Q(pk__in=children))


def _by_ids(letters: Letters, text: str) -> Letters:
    ids = [_number(part.strip(), "ids") for part in text.split(",") if part.strip()]
    if len(ids) > MOST_IDS:
        raise BadFilter(f"`ids` names {len(ids):,} letters, more than {MOST_IDS:,}: choose them by a filter instead.")
    return letters.filter(pk__in=ids)


def _by_group(letters: Letters, fingerprint: str) -> Letters:
    try:
        return letters.filter(group=fingerprint)
    except ValidationError:
        raise BadFilter(f"`group` {fingerprint!r} is not a fingerprint: 16 hexadecimal characters.") from None


def _one_of(name: str, choices: type[LetterKind] | type[LetterStatus]) -> Callable[[Letters, str], Letters]:
    def matching(letters: Letters, value: str) -> Letters:
        if value not in choices.values:
            raise BadFilter(f"`{name}` is {value!r}: use one of {', '.join(choices.values)}.")
        return letters.filter(**{name: value})

    return matching


def _exactly(column: str) -> Callable[[Letters, str], Letters]:
    return lambda letters, value: letters.filter(**{column: value})


def _since(letters: Letters, day: str) -> Letters:
    return letters.filter(created_at__gte=_start(_day(day, "since")))


def _until(letters: Letters, day: str) -> Letters:
    return letters.filter(created_at__lt=_start(_day(day, "until") + timedelta(days=1)))


def _written(letters: Letters, text: str) -> Letters:
    first, last = _moments(text)
    return letters.filter(created_at__gte=first, created_at__lt=last)


def _in_words(text: str) -> str:
    """In the business's time, as the pages have it."""
    first, last = (timezone.localtime(moment) for moment in _moments(text))
    return f"{first:%Y-%m-%d %H:%M} to {last:{'%H:%M' if first.date() == last.date() else '%Y-%m-%d %H:%M'}}"


def _moments(text: str) -> tuple[datetime, datetime]:
    if (found := moments(text)) is None:
        raise BadFilter(f"`written` is {text!r}: write two moments as {EXAMPLE}.")
    return found


def _day(text: str, name: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day.year >= date.max.year:
        raise BadFilter(f"`{name}` is {text!r}: write a day as 2026-02-03.")
    return day


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadFilter(f"`{name}` is {text!r}: write a number.")
    return int(text)


BY: dict[str, Callable[[Letters, str], Letters]] = {
    "ids": _by_ids,
    "kind": _one_of("kind", LetterKind),
    "status": _one_of("status", LetterStatus),
    "code": _exactly("code"),
    "field": _exactly("field"),
    "job": by_job,
    "file": by_file,
    "group": _by_group,
    "user": _exactly("user_id"),
    "image": _exactly("record_id"),
    "text": by_text,
    "redrive": by_redrive,
    "since": _since,
    "until": _until,
    "written": _written,
}

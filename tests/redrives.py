"""What the redrives' tests are made of: letters of a night, whoever redrives them, and a worker of the test's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission, User
from django.db.models.functions import Now

from batches.letters.filters import LetterFilter
from batches.letters.start_redrive import Started, start_redrive
from batches.letters.work_redrives import work_redrives
from batches.letters.write_rule import write_rule
from batches.models import DeadLetter, PatchRule, Redrive, RedriveItem
from tests.builders import image, ingested, jsonl, line

SWAP = [{"op": "swap_date", "field": "date", "from": "DD/MM/YYYY"}]
ALL = LetterFilter()


def an_operator(name: str = "hanako") -> User:
    user, created = User.objects.get_or_create(username=name)
    if created:
        names = ("redrive_deadletter", "edit_deadletter", "discard_deadletter")
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def wrong_dates(numbers: Iterable[int], date: str = "20/11/2026") -> bytes:
    """A file whose every line is dead for its date."""
    return jsonl(line(image(number), date=date) for number in numbers)


def dead_letters(count: int, **more: Any) -> list[DeadLetter]:
    ingested(wrong_dates(range(count)), **more)
    return list(DeadLetter.objects.filter(kind="line", status="open").order_by("pk"))


def a_rule(operations: object = SWAP, group: str = "") -> PatchRule:
    group = group or str(DeadLetter.objects.filter(status="open").latest("pk").group_id)
    return write_rule(group, operations, why="The model changed its way to write days.", actor=an_operator())


def started(which: LetterFilter = ALL, **more: Any) -> Redrive:
    return begun(which, **more).redrive


def begun(which: LetterFilter = ALL, **more: Any) -> Started:
    asked: dict[str, Any] = {"actor": an_operator(), "intent_id": uuid4().hex, **more}
    return start_redrive(which, **asked)


def run_redrives() -> int:
    """Work on what is due until nothing is; what has to wait for its rate waits."""
    done = 0
    while some := work_redrives():
        done += some
    return done


def let_time_pass(redrive: Redrive) -> None:
    """The database's clock comes to where the rate allows the next letters."""
    Redrive.objects.filter(pk=redrive.pk).update(next_at=Now())


def let_lease_end(redrive: Redrive) -> None:
    Redrive.objects.filter(pk=redrive.pk, leased_until__isnull=False).update(leased_until=Now())


def statuses(redrive: Redrive) -> dict[str, int]:
    counts: dict[str, int] = {}
    for status in RedriveItem.objects.filter(redrive=redrive).values_list("status", flat=True):
        counts[status] = counts.get(status, 0) + 1
    return counts


def outcomes(redrive: Redrive) -> list[str]:
    return list(RedriveItem.objects.filter(redrive=redrive).order_by("letter_id").values_list("outcome", flat=True))

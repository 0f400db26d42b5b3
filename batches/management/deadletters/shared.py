"""What the subcommands share: the filters as options, who does it, and whether they are sure."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import fields
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from batches.letters.filters import LetterFilter
from batches.states import LetterKind, LetterStatus

DONE, NOTHING, COULD_NOT_RUN, REFUSED = 0, 1, 2, 3
MOST_COUNTED = 10_000
HELP = {
    "kind": f"one of {', '.join(LetterKind.values)}",
    "status": f"one of {', '.join(LetterStatus.values)}",
    "code": "the reason, for example invalid_date",
    "field": "for example amount",
    "job": "id of a job",
    "file": "number of a result file",
    "group": "fingerprint of a group: see `deadletters groups`",
    "user": "id of a user",
    "image": "id of an image",
    "text": "an image, transaction, trace or reason",
    "redrive": "number of a redrive: the letters it left, that failed again or could not be read",
    "since": "a day such as 2026-02-03, included",
    "until": "a day such as 2026-02-03, included",
    "written": "two moments such as 2026-02-03T01:00Z..2026-02-03T01:05Z, the second not included",
}


class CannotRun(Exception):
    """In a sentence: why, and what to do."""


class Told(NamedTuple):
    """What a subcommand says: `text` for people, `data` for --json; and its exit code."""

    text: str
    data: dict[str, Any]
    code: int = DONE


def add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="LETTER", help="numbers of letters")
    filters = parser.add_argument_group("filters; all that are given must hold")
    for name in (field.name for field in fields(LetterFilter) if field.name != "ids"):
        filters.add_argument(f"--{name}", metavar=name.upper(), help=HELP[name])


def filter_of(options: dict[str, Any]) -> LetterFilter:
    return LetterFilter.of({**options, "ids": ",".join(options["ids"])})


def add_writing(parser: ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="all letters: needed where no filter is given")
    add_who(parser)


def add_who(parser: ArgumentParser) -> None:
    parser.add_argument("--as", dest="username", required=True, metavar="USER", help="whose permissions and name it is")
    parser.add_argument("--reason", required=True, help="why: kept with the history and in the audit log")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def person_of(options: dict[str, Any]) -> User:
    username = options["username"]
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CannotRun(f"There is no active user {username!r}: name one with --as.")
    return user


def chosen(options: dict[str, Any]) -> LetterFilter:
    """The filter of a writing subcommand: never everything by an oversight."""
    which = filter_of(options)
    if not which.as_dict() and not options["all"]:
        raise CannotRun("No letter and no filter is named: name some, or say --all.")
    return which


def make_sure(options: dict[str, Any], what: str, count: int) -> None:
    """Ask on a terminal; elsewhere --yes is needed. CannotRun when the answer is no."""
    if options["yes"] or not count:
        return
    number = f"more than {MOST_COUNTED:,}" if count > MOST_COUNTED else f"{count:,}"
    letters = f"{number} letter{'s' if count > 1 else ''}"
    if not sys.stdin.isatty():
        raise CannotRun(f"{letters} would be {what}: say --yes to do it.")
    print(f"{letters} will be {what}. Type yes to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CannotRun("Nothing was done.")


def counted(letters: Any) -> int:
    """Up to MOST_COUNTED, and one more when there are more."""
    return int(letters.order_by()[: MOST_COUNTED + 1].count())

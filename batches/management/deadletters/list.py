"""`deadletters list`: letters by the filters, the newest first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.as_data import letter_data
from batches.management.deadletters.shared import DONE, NOTHING, Told, add_filters, filter_of
from batches.models import DeadLetter

HELP = "letters, the newest first; exit code 1 when there is none"


def add_arguments(parser: ArgumentParser) -> None:
    add_filters(parser)
    parser.add_argument("--limit", type=int, default=50, help="at most so many (50)")
    parser.add_argument("--before", type=int, metavar="LETTER", help="only older ones: the `next` of the page before")


def run(options: dict[str, Any]) -> Told:
    limit = max(1, options["limit"])
    letters = filter_of(options).letters().select_related("job", "file").order_by("-pk")
    if options["before"]:
        letters = letters.filter(pk__lt=options["before"])
    found = list(letters[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    data = {"letters": [letter_data(letter) for letter in shown], "next": shown[-1].pk if more else None}
    text = "\n".join(map(_line, shown)) + (f"\nMore: --before {shown[-1].pk}" if more else "")
    return Told(text or "No letter is like that.", data, DONE if shown else NOTHING)


def _line(letter: DeadLetter) -> str:
    where = letter.job.job_id if letter.job else letter.source
    return f"{letter.pk}\t{letter.status}\t{letter.code}\t{where}\t{letter.record_id}\t{letter.message}"

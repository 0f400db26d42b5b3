"""`deadletters restore`: have discarded letters back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.restore import restore
from batches.management.deadletters.shared import (
    DONE,
    NOTHING,
    Told,
    add_filters,
    add_writing,
    chosen,
    counted,
    make_sure,
    person_of,
)
from batches.states import LetterStatus

HELP = "open letters again that were discarded less than 24 hours ago; exit code 1 when there was none"


def add_arguments(parser: ArgumentParser) -> None:
    add_filters(parser)
    add_writing(parser)


def run(options: dict[str, Any]) -> Told:
    who, which = person_of(options), chosen(options)
    make_sure(options, "restored", counted(which.letters().filter(status=LetterStatus.DISCARDED)))
    done = restore(which, actor=who, reason=options["reason"])
    late = f" {done.late:,} were discarded longer ago than 24 hours, and stay so." if done.late else ""
    text = f"Restored: {done.restored:,}.{late}"
    return Told(text, {"restored": done.restored, "late": done.late}, DONE if done.restored else NOTHING)

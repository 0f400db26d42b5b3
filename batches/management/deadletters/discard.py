"""`deadletters discard`: give letters up, with a reason."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.discard import discard
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

HELP = "give open letters up; for 24 hours they can be restored; exit code 1 when there was none"


def add_arguments(parser: ArgumentParser) -> None:
    add_filters(parser)
    add_writing(parser)


def run(options: dict[str, Any]) -> Told:
    who, which = person_of(options), chosen(options)
    make_sure(options, "discarded", counted(which.letters().filter(status=LetterStatus.OPEN)))
    done = discard(which, actor=who, reason=options["reason"])
    text = f"Discarded: {done:,}. They can be restored for 24 hours."
    return Told(text, {"discarded": done}, DONE if done else NOTHING)

"""`deadletters show LETTER`: one letter with its whole history."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from batches.letters.as_data import letter_data, letter_history
from batches.management.deadletters.shared import CannotRun, Told
from batches.models import DeadLetter

HELP = "one letter, and all that was done to it"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("letter", type=int, metavar="LETTER")


def run(options: dict[str, Any]) -> Told:
    letter = DeadLetter.objects.select_related("job", "file").filter(pk=options["letter"]).first()
    if letter is None:
        raise CannotRun(f"There is no letter {options['letter']}; it may have been archived: see dead-letters/.")
    data = letter_data(letter) | letter_history(letter)
    shown = {name: value for name, value in data.items() if value not in (None, "", [])}
    text = "\n".join(f"{name:14} {_told(value)}" for name, value in shown.items())
    return Told(text, data)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  {json.dumps(part, ensure_ascii=False)}" for part in value)
    return str(value)

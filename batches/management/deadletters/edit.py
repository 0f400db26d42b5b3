"""`deadletters edit LETTER`: write one letter's answer anew, and redrive it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from batches.letters.edit import edit_and_redrive
from batches.letters.progress import of_redrive
from batches.letters.redrive_data import redrive_data
from batches.management.deadletters.shared import CannotRun, Told, person_of

HELP = "write one letter's answer anew, and redrive it; the original stays as it is"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("letter", type=int, metavar="LETTER")
    parser.add_argument(
        "--answer",
        required=True,
        metavar="FILE",
        help="the answer, JSON as the model writes it; - reads it from standard input",
    )
    parser.add_argument("--image", default="", help="whose answer it is, where the line names no record")
    parser.add_argument("--as", dest="username", required=True, metavar="USER", help="whose permissions and name it is")
    parser.add_argument("--reason", required=True, help="why: kept with the history and in the audit log")
    parser.add_argument("--intent", default="", help="the same intent sent twice is one redrive; made up when left out")


def run(options: dict[str, Any]) -> Told:
    started = edit_and_redrive(
        options["letter"],
        _text(options["answer"]),
        why=options["reason"],
        actor=person_of(options),
        intent_id=options["intent"] or uuid4().hex,
        record_id=options["image"],
    )
    redrive = started.redrive
    return Told(f"Redrive {redrive.pk} has letter {options['letter']}.", redrive_data(redrive, of_redrive(redrive.pk)))


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise CannotRun(f"{name} cannot be read: {fault}.") from None

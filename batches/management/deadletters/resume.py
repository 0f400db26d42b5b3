"""`deadletters resume REDRIVE`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.resume import resume_redrive
from batches.management.deadletters.redrive_verb import add_redrive, steered
from batches.management.deadletters.shared import Told

HELP = "let a redrive go on that was paused, or stopped by itself"


def add_arguments(parser: ArgumentParser) -> None:
    add_redrive(parser)


def run(options: dict[str, Any]) -> Told:
    return steered(options, resume_redrive)

"""`deadletters cancel REDRIVE`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.cancel import cancel_redrive
from batches.management.deadletters.redrive_verb import add_redrive, steered
from batches.management.deadletters.shared import Told

HELP = "end a redrive: what was put right stays so, what waits is free again"


def add_arguments(parser: ArgumentParser) -> None:
    add_redrive(parser)


def run(options: dict[str, Any]) -> Told:
    return steered(options, cancel_redrive)

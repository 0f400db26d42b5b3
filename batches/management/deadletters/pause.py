"""`deadletters pause REDRIVE`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.pause import pause_redrive
from batches.management.deadletters.redrive_verb import add_redrive, steered
from batches.management.deadletters.shared import Told

HELP = "let a redrive rest"


def add_arguments(parser: ArgumentParser) -> None:
    add_redrive(parser)


def run(options: dict[str, Any]) -> Told:
    return steered(options, pause_redrive)

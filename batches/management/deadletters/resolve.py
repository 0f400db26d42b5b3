"""`deadletters resolve GROUP`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.group_status import resolve_group
from batches.management.deadletters.group_verb import add_group, changed
from batches.management.deadletters.shared import Told

HELP = "say of a group: its cause is put right; its open letters stay open, and a new one opens the group again"


def add_arguments(parser: ArgumentParser) -> None:
    add_group(parser)


def run(options: dict[str, Any]) -> Told:
    return changed(options, resolve_group, "resolved")

"""`deadletters mute GROUP`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.group_status import mute_group
from batches.management.deadletters.group_verb import add_group, changed
from batches.management.deadletters.shared import Told

HELP = "say of a group: it is to be quiet, whatever comes"


def add_arguments(parser: ArgumentParser) -> None:
    add_group(parser)


def run(options: dict[str, Any]) -> Told:
    return changed(options, mute_group, "muted")

"""What `pause`, `resume` and `cancel` share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from batches.letters.progress import of_redrive
from batches.letters.redrive_data import redrive_data
from batches.management.deadletters.shared import Told, person_of
from batches.models import Redrive


def add_redrive(parser: ArgumentParser) -> None:
    parser.add_argument("redrive", type=int, metavar="REDRIVE", help="its number: see `deadletters redrives`")
    parser.add_argument("--as", dest="username", required=True, metavar="USER", help="whose permissions and name it is")
    parser.add_argument("--reason", default="", help="why: kept in the audit log")


def steered(options: dict[str, Any], verb: Callable[..., object]) -> Told:
    verb(options["redrive"], actor=person_of(options), reason=options["reason"])
    redrive = Redrive.objects.select_related("created_by").get(pk=options["redrive"])
    now = of_redrive(redrive.pk)
    text = f"Redrive {redrive.pk} is {redrive.get_status_display().lower()}; {now.waiting:,} letters wait."
    return Told(text, redrive_data(redrive, now))

"""`deadletters redrives [REDRIVE]`: the latest redrives; or one, with the letters that failed in it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.progress import Figures, of_redrives
from batches.letters.redrive_data import redrive_data
from batches.management.deadletters.redrive import told_redrive
from batches.management.deadletters.shared import DONE, NOTHING, CannotRun, Told
from batches.models import Redrive
from batches.states import RedriveStatus

HELP = "the latest redrives, or one with the letters that failed; exit code 1: none, or not all of it put right"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("redrive", type=int, nargs="?", metavar="REDRIVE")
    parser.add_argument("--status", choices=RedriveStatus.values)
    parser.add_argument("--limit", type=int, default=20, help="at most so many (20)")


def run(options: dict[str, Any]) -> Told:
    redrives = Redrive.objects.select_related("created_by").order_by("-pk")
    if options["redrive"] is not None:
        redrive = redrives.filter(pk=options["redrive"]).first()
        if redrive is None:
            raise CannotRun(f"There is no redrive {options['redrive']}.")
        return told_redrive(redrive)
    if options["status"]:
        redrives = redrives.filter(status=options["status"])
    found = list(redrives[: max(1, options["limit"])])
    figures = of_redrives(redrive.pk for redrive in found)
    each = [(redrive, figures.get(redrive.pk, Figures())) for redrive in found]
    text = "\n".join(_line(*pair) for pair in each) or "There is no redrive."
    return Told(text, {"redrives": [redrive_data(*pair) for pair in each]}, DONE if found else NOTHING)


def _line(redrive: Redrive, now: Figures) -> str:
    figures = f"{now.put_right:,} of {redrive.total:,} put right\t{now.failed:,} failed"
    return f"{redrive.pk}\t{redrive.status}\t{figures}\t{redrive.created_by.get_username()}\t{redrive.reason}"

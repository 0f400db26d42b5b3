"""`manage.py move_images`: move what waits, here and now; or have failures moved again, or sources cleaned up."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import Count

from batches.management.database_away import told
from batches.models import ImageUpload
from batches.moves.decide import AGAIN, CLEAN, MOST_AT_ONCE, Refused, Verb, decide
from batches.moves.start import start_late
from batches.moves.work import move
from batches.states import OPEN_MOVES, UploadStatus

LEFT, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    help = (
        "Move the images of finished result files from uploads/ to processed/, until none waits that nobody else is at."
        " Exit code: 0 all moved, 1 some failed or wait for somebody, 2 could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_mutually_exclusive_group()
        verbs.add_argument("--again", action="store_true", help="have all failed images moved again")
        verbs.add_argument("--clean", action="store_true", help="have all sources deleted that were left")
        parser.add_argument("--job", help="only those of this job, for --again and --clean")
        parser.add_argument("--reason", default="", help="why, for --again and --clean: kept in the images' history")
        parser.add_argument("--user", default="", help="who says so, for --again and --clean: a user's name")
        parser.add_argument("--late", action="store_true", help="look for images that were told of late, too")

    def handle(self, **options: Any) -> None:
        verb = AGAIN if options["again"] else CLEAN if options["clean"] else None
        try:
            if verb:
                self._decide(verb, options)
            if options["late"]:
                start_late()
            while move(seconds=60):
                pass
            left = _left()
        except DatabaseError as fault:
            raise CommandError(told(fault), returncode=COULD_NOT_RUN) from None
        self.stdout.write(", ".join(f"{count:,} {label}" for label, count in left.items()) or "All images are moved.")
        sys.exit(LEFT if left else 0)

    def _decide(self, verb: Verb, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError("Say who decides it: --user NAME, a user of the admin.", returncode=COULD_NOT_RUN)
        rows = ImageUpload.objects.filter(status=verb.source).order_by("pk")
        if options["job"]:
            rows = rows.filter(job__job_id=options["job"])
        try:
            while pks := list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]):
                done = decide(pks, verb, options["reason"], by=user)
                self.stderr.write(f"{done.changed:,} images {verb.done}.")
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=COULD_NOT_RUN) from None
        except PermissionDenied:
            raise CommandError(f"{user} may not decide about images.", returncode=COULD_NOT_RUN) from None


def _left() -> dict[str, int]:
    """What is not moved, by the states' names."""
    states = (*OPEN_MOVES, UploadStatus.FAILED, UploadStatus.UNCLEANED)
    rows = ImageUpload.objects.filter(status__in=states).order_by().values_list("status").annotate(Count("pk"))
    return {UploadStatus(status).label.lower(): count for status, count in rows}

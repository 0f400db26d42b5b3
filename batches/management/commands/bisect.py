"""`manage.py bisect LETTER`: halve the range of a poison letter, and have the halves tried."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from batches.management.database_away import told
from batches.models import Chunk
from batches.pipeline.bisect import CannotBisect, bisect_poison
from storage.port import StorageFault

COULD_NOT_RUN = 2


class Command(BaseCommand):
    help = (
        "Replace the poisoned chunk of a letter by two halves, which the workers then try: the good lines go in, and"
        " the half with the bad line becomes a letter again, with a shorter range. Exit code: 0 halved, 2 could not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("letter", type=int, metavar="LETTER", help="number of an open dead letter of kind poison")

    def handle(self, *, letter: int, **options: Any) -> None:
        try:
            halves = Chunk.objects.filter(pk__in=bisect_poison(letter)).order_by("start")
            ranges = [f"bytes {half.start:,} to {half.end:,}" for half in halves]
        except (CannotBisect, StorageFault) as fault:
            raise CommandError(str(fault), returncode=COULD_NOT_RUN) from None
        except DatabaseError as fault:
            raise CommandError(told(fault), returncode=COULD_NOT_RUN) from None
        self.stdout.write(f"To be tried: {', and '.join(ranges)}.")

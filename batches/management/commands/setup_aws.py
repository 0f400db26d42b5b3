"""`manage.py setup_aws`: bucket notifications, topic, queues, lifecycle and CORS rules of a development account."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from batches.doors.aws.part import Refused
from batches.doors.aws.setup import Setup

DIFFERS, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    help = (
        "Make the bucket of STORAGE_BUCKET announce what lands in it: topic, queue, dead-letter queue (14 days, 3"
        " receives), bucket notifications, lifecycle rules (30 days); and let browsers upload to it from this site's"
        " pages (CORS). Run again, it changes nothing. What others have set up in the bucket stays. Exit code: 0 all is"
        " well, 1 something differs (--check), 2 could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, say what differs")
        parser.add_argument("--name", default="nightshelf", help="what the names of topic and queues begin with")
        parser.add_argument("--create-bucket", action="store_true", help="make the bucket if there is none")

    def handle(self, *, check: bool, name: str, create_bucket: bool, **_: Any) -> None:
        if settings.PRODUCTION and not check:
            raise CommandError(
                "In production these belong to infrastructure code: see docs/operations/doors.md, or use --check.",
                returncode=COULD_NOT_RUN,
            )
        try:
            setup = Setup(name, create_bucket=create_bucket)
            self._check(setup) if check else self._put(setup)
        except (Refused, ClientError, BotoCoreError) as fault:
            raise CommandError(str(fault), returncode=COULD_NOT_RUN) from None

    def _check(self, setup: Setup) -> None:
        differences = setup.differences()
        self.stdout.write("\n".join(differences) or "All is as it should be.")
        if differences:
            sys.exit(DIFFERS)

    def _put(self, setup: Setup) -> None:
        changed = 0
        for difference in setup.put():
            changed += 1
            self.stdout.write(f"Put right: {difference}")
        self.stdout.write(f"{changed} changes." if changed else "Nothing to change.")
        self.stdout.write(f"EVENT_QUEUE_URL={setup.queue.url}\nEVENT_DLQ_URL={setup.dead_queue.url}")

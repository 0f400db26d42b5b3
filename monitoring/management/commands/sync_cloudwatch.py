"""`manage.py sync_cloudwatch`: the alarm rules as alarms of CloudWatch, and a dashboard."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from monitoring.cloudwatch.client import client
from monitoring.cloudwatch.sync import Step, Sync
from monitoring.models import AlarmRule

DIFFERS, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    help = (
        "Make CloudWatch watch what the alarm rules watch here: an alarm for each enabled rule, and a dashboard. Run"
        " again, it changes nothing. Alarms that it has made itself and that have no rule any more are deleted, all"
        " others stay. Exit code: 0 all is well, 1 something differs (--diff), 2 could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--diff", action="store_true", help="change nothing, say what differs")
        parser.add_argument(
            "--topic", action="append", metavar="ARN", help="the SNS topic to notify (CLOUDWATCH_ALARM_TOPIC)"
        )

    def handle(self, *, diff: bool, topic: list[str] | None, **_: Any) -> None:
        topics = topic or [arn for arn in [settings.CLOUDWATCH_ALARM_TOPIC] if arn]
        try:
            sync = Sync(client(), AlarmRule.objects.filter(enabled=True).order_by("name"), topics)
            for left_out in sync.left_out:
                self.stderr.write(f"Left out: {left_out}.")
            self._diff(sync) if diff else self._put(sync)
        except (ClientError, BotoCoreError) as fault:
            raise CommandError(str(fault), returncode=COULD_NOT_RUN) from None

    def _diff(self, sync: Sync) -> None:
        steps = list(sync.steps())
        self.stdout.write("\n".join(_told(step) for step in steps) or "All is as it should be.")
        if steps:
            sys.exit(DIFFERS)

    def _put(self, sync: Sync) -> None:
        changed = 0
        for step in list(sync.steps()):
            sync.take(step)
            changed += 1
            self.stdout.write(_told(step))
        self.stdout.write(f"{changed} changes." if changed else "Nothing to change.")


def _told(step: Step) -> str:
    return f"{step.verb} {step.what}" + (f": {step.how}" if step.how else "")

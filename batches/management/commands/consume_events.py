"""`manage.py consume_events`: the bucket's events, from the queue into rows."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from batches.doors.consume import consume
from batches.doors.sqs import SqsQueue
from monitoring import telemetry

COULD_NOT_RUN = 2


class Command(BaseCommand):
    help = (
        "Take in what the bucket's events announce: result files under batch-output/, images under uploads/. Runs until"
        " SIGTERM or Ctrl-C, finishes the message in hand and gives the others back; a second signal ends it at once."
    )

    def handle(self, **_: Any) -> None:
        if not settings.EVENT_QUEUE_URL:
            raise CommandError(
                "EVENT_QUEUE_URL is not set: name the SQS queue of the bucket's events (setup_aws makes one).",
                returncode=COULD_NOT_RUN,
            )
        stop = _stop_at_signals()
        queue = SqsQueue(settings.EVENT_QUEUE_URL)
        consumers = [
            threading.Thread(target=consume, args=(queue, stop), name=f"consumer-{number}")
            for number in range(settings.EVENT_CONSUMERS)
        ]
        telemetry.event("consumer_started", queue=queue.name, consumers=len(consumers))
        for consumer in consumers:
            consumer.start()
        for consumer in consumers:
            consumer.join()
        telemetry.event("consumer_stopped", queue=queue.name)


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()

    def asked(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    return stop

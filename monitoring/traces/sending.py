"""A message is handed to the broker in a span, whose context goes along in its headers.

By the application, not by Celery's signals: there is none for a message that could not be sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from opentelemetry.trace import SpanKind

from monitoring import process, telemetry
from monitoring.components import Component
from monitoring.traces import carrier, provider, spans

# The canaries, which nobody would look at.
NOT_TRACED = {"monitoring.canary"}


class TracedCelery(Celery):
    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        if name in NOT_TRACED:
            return super().send_task(name, *args, **options)
        with _sending(name) as header:
            headers = {**(options.pop("headers", None) or {}), **header}
            return super().send_task(name, *args, headers=headers, **options)


@contextmanager
def _sending(name: str) -> Iterator[dict[str, str]]:
    """What to put into its headers: nothing where no work is active that it belongs to."""
    at, failed = time.perf_counter(), True
    try:
        if provider.current_part() is None:
            yield {}
        else:
            with spans.span(f"send {name}", kind=SpanKind.PRODUCER, component=str(Component.QUEUE)):
                yield {carrier.HEADER: carrier.written()}
        failed = False
    finally:
        seconds = time.perf_counter() - at
        telemetry.measure("queue.publish", seconds, failed=failed, component=str(process.component()))

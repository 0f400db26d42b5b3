"""What this process depends on, each looked at cheaply and without leaving a trace.

`why` is what the page says: exceptions name hosts and users, so theirs go into the log.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from celery import current_app
from django.db import connection
from health_check import Database, HealthCheck
from health_check.exceptions import ServiceUnavailable

from monitoring import canary
from monitoring.metrics.collect import collector
from storage import result_storage
from storage.port import StorageFault
from storage.reachable import assure_reachable

NOT_FOUND = "404"
WAITING = """
    SELECT EXISTS (
        SELECT FROM (SELECT minute FROM monitoring_metricdelta ORDER BY id LIMIT 1) AS oldest
        WHERE minute < now() - interval '10 minutes'
    )"""


class Storage(HealthCheck):  # type: ignore[misc]
    def run(self) -> None:
        try:
            assure_reachable(result_storage())
        except StorageFault as fault:
            raise ServiceUnavailable(str(fault)) from fault


class Broker(HealthCheck):  # type: ignore[misc]
    def run(self) -> None:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0)
            channel: Any = broker.default_channel
            try:
                # Asked about a queue it has to answer: some transports connect without asking anybody anything.
                channel.queue_declare(current_app.conf.task_default_queue, passive=True)
            except broker.channel_errors as fault:
                if str(getattr(fault, "reply_code", "")) != NOT_FOUND:  # no queue yet is an answer
                    raise


class Workers(HealthCheck):  # type: ignore[misc]
    """By the canaries' answers, which are stored: asking the workers themselves would take a second."""

    def run(self) -> None:
        if stalled := [state for state in canary.state() if state.stalled]:
            raise ServiceUnavailable(stalled[0].reason)
        if not canary.answered_of_late():
            raise ServiceUnavailable("No worker answered of late.")


class Figures(HealthCheck):  # type: ignore[misc]
    def run(self) -> None:
        if collector().failing:
            raise ServiceUnavailable("This process cannot store its figures.")
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                raise ServiceUnavailable("Figures of ten minutes ago are not rolled up.")


class Known(NamedTuple):
    check: HealthCheck
    why: str


CHECKS = {
    "db": Known(Database(), "The database does not answer."),
    "storage": Known(Storage(), "Storage does not answer, or refuses."),
    "broker": Known(Broker(), "The broker does not answer."),
    "workers": Known(Workers(), "A queue is not being worked on, or the scheduler does not run."),
    "figures": Known(Figures(), "Figures are not being stored, or not rolled up."),
}

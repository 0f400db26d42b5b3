"""Whether anybody takes work: from the database for a job's page, from the workers themselves for the home page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from celery import current_app
from django.db.models.functions import Now
from kombu.exceptions import KombuError

from batches.models import Chunk
from batches.states import ChunkStatus
from monitoring import telemetry

IDLE = timedelta(seconds=20)
PATIENCE = 0.4  # seconds


def nobody_works() -> bool:
    """Chunks are ready, and for a while none has been claimed or has had a heartbeat."""
    waiting = Chunk.objects.filter(
        status__in=[ChunkStatus.PENDING], not_before__lte=Now() - IDLE, file__received_at__lte=Now() - IDLE
    )
    return waiting.exists() and not Chunk.objects.filter(heartbeat_at__gt=Now() - IDLE).exists()


@dataclass(frozen=True)
class Answer:
    """What the broker and the workers said. `fault` is a sentence when the broker is away."""

    workers: list[str] = field(default_factory=list)
    fault: str = ""


def ask() -> Answer:
    """Ping the workers by the broker, for at most about half a second."""
    connection = current_app.connection_for_write()
    # Each transport has errors of its own beside kombu's.
    faults: tuple[type[BaseException], ...] = (
        OSError,
        KombuError,
        *connection.connection_errors,
        *connection.channel_errors,
    )
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
            answers = current_app.control.inspect(timeout=PATIENCE, connection=connection).ping()
    except faults as fault:
        telemetry.event("broker_away", error=str(fault))
        return Answer(fault=f"The broker does not answer ({type(fault).__name__}).")
    return Answer(sorted(answers or {}))

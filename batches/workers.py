"""Who is there to do the work, asked of the workers themselves by the broker."""

from __future__ import annotations

from dataclasses import dataclass, field

from celery import current_app
from kombu.exceptions import KombuError

from monitoring import telemetry

PATIENCE = 0.4  # seconds


@dataclass(frozen=True)
class Answer:
    """What the broker and the workers said. `fault` is a sentence when the broker is away."""

    workers: list[str] = field(default_factory=list)
    fault: str = ""


def ask(patience: float = PATIENCE) -> Answer:
    """Ping the workers, and wait `patience` seconds for their answers."""
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
            answers = current_app.control.inspect(timeout=patience, connection=connection).ping()
    except faults as fault:
        telemetry.event("broker_away", error=str(fault))
        return Answer(fault=f"The broker does not answer ({type(fault).__name__}).")
    return Answer(sorted(answers or {}))

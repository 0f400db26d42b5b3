"""Who is there to do the work, asked of the workers themselves by the broker, where it can carry a question."""

from __future__ import annotations

from dataclasses import dataclass, field

from celery import current_app
from kombu.exceptions import KombuError

from monitoring import canary, telemetry

PATIENCE = 0.4  # seconds


@dataclass(frozen=True)
class Answer:
    """What the broker and the workers said. `fault` is a sentence when the broker is away.

    `mute`: the broker cannot carry a question to all workers, as SQS cannot. `workers` are then those that answered a
    canary of late, and the others may be alive as well.
    """

    workers: list[str] = field(default_factory=list)
    fault: str = ""
    mute: bool = False


def ask(patience: float = PATIENCE) -> Answer:
    """Ping the workers, and wait `patience` seconds for their answers."""
    connection = current_app.connection_for_write()
    if not connection.supports_exchange_type("fanout"):
        return Answer(canary.answered_of_late(), mute=True)
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

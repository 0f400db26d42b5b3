"""Who is there to do the work."""

from __future__ import annotations

from celery import current_app
from kombu.exceptions import OperationalError


def workers_alive(timeout: float = 1.0) -> list[str] | None:
    """Names of the workers that answer within `timeout` seconds; None when the broker itself is away."""
    try:
        replies = current_app.control.ping(timeout=timeout)
    except (OperationalError, OSError):
        return None
    return sorted(name for reply in replies or () for name in reply)

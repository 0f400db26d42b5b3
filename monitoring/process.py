"""Which of the site's processes this one is: a node of the service map, and its own `service.instance.id`."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from monitoring.components import Component

_told: list[Component] = []


def is_(component: Component) -> None:
    """Said by whoever knows for sure: the web server's middleware, Celery's signals."""
    _told[:] = [component]


def component() -> Component:
    if not _told:
        _told.append(by_command(sys.argv))
    return _told[0]


def instance() -> str:
    return f"{socket.gethostname()}:{component()}:{os.getpid()}"[:200]


def by_command(command: Sequence[str]) -> Component:
    """By how it was started: a command, unless it is known to be something else."""
    program, words = Path(next(iter(command), "")), set(command[1:])
    if "gunicorn" in str(program) or "runserver" in words:
        return Component.WEB
    if "celery" in (program.name, program.parent.name):  # the second when started as a module
        role = {"beat": Component.SCHEDULER, "worker": Component.WORKER}
        return next((component for word, component in role.items() if word in words), Component.COMMAND)
    return Component.CONSUMER if "consume_events" in words else Component.COMMAND

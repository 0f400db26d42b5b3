"""Which of the site's processes this one is: a node of the service map, and its own `service.instance.id`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from monitoring.components import Component

_told: list[Component] = []


def is_(component: Component) -> None:
    """Said by whoever knows for sure: the web server's middleware, Celery's signals."""
    _told[:] = [component]


def component() -> Component:
    if not _told:
        _told.append(_by_command_line(sys.argv))
    return _told[0]


def instance() -> str:
    return f"{socket.gethostname()}:{component()}:{os.getpid()}"[:200]


def _by_command_line(words: list[str]) -> Component:
    if "celery" in words[0]:
        return Component.SCHEDULER if "beat" in words else Component.WORKER
    if Path(words[0]).name == "gunicorn" or "gunicorn" in words[0] or words[1:2] == ["runserver"]:
        return Component.WEB
    return Component.CONSUMER if words[1:2] == ["consume_events"] else Component.COMMAND

"""Tell a worker after commit that there is work. Losing the message costs a minute, never a picture: `rescue` looks."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from monitoring import telemetry


def wake_maker(image: int) -> None:
    from catalog.tasks import make_renditions

    transaction.on_commit(partial(_send, make_renditions, image=image))


def wake_remover() -> None:
    from catalog.tasks import remove_leftovers

    transaction.on_commit(partial(_send, remove_leftovers))


def _send(task: Any, **about: object) -> None:
    """Never raises: what the caller did is committed, and must not look as if it had failed."""
    try:
        task.delay(**about)
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))
    except Exception:  # a broker that answers and refuses has errors of its own for each kind
        telemetry.fault("wake_refused")

"""The scheduler's look into the outbox: hand out what is new, and one thread for each channel that has something due.

Each channel has a thread of its own, so a slow one holds up nobody. Several schedulers may look at the same time.
"""

from __future__ import annotations

import atexit
import threading
import time

from django.db import connection

from monitoring import telemetry
from monitoring.channels.claim import due_channels
from monitoring.channels.hand_out import MOST, hand_out
from monitoring.channels.lose import mark_lost
from monitoring.channels.send import send_next

MOST_THREADS = 20
END_SECONDS = 20.0  # of a stop; more than a request of a webhook may take

_threads: dict[int, threading.Thread] = {}
_ending = threading.Event()


def look_for_notices() -> None:
    while hand_out() == MOST:
        pass
    mark_lost()
    for channel_id in [channel for channel, thread in _threads.items() if not thread.is_alive()]:
        del _threads[channel_id]
    for channel_id in due_channels():
        if channel_id not in _threads and len(_threads) < MOST_THREADS and not _ending.is_set():
            thread = threading.Thread(target=drain, args=(channel_id,), name=f"channel {channel_id}", daemon=True)
            _threads[channel_id] = thread
            thread.start()


def drain(channel_id: int) -> None:
    """Until nothing is due. Never raises: what goes wrong with the database is tried again at the next look."""
    try:
        while not _ending.is_set() and send_next(channel_id):
            pass
    except Exception:
        telemetry.fault("channel_failed", channel=channel_id)
    finally:
        connection.close()


def wait_for_all(seconds: float = END_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    for thread in list(_threads.values()):
        thread.join(max(0.0, deadline - time.monotonic()))


def _end() -> None:
    """A process that is told to stop does not leave a delivery in the middle, if that is to be had within seconds."""
    _ending.set()
    wait_for_all()


atexit.register(_end)

"""A thread with which a process writes now and then what it has gathered: begun when there is something, bounded at the
end of the process, and not there in a forked child, which begins anew with nothing.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from django.db import connection

# How long a fork waits for the thread to be between two writes, and the end of a process for its last one.
FORK_SECONDS, END_SECONDS = 1, 5


class OwnThread:
    """`busy` is held by `turn` while it writes."""

    def __init__(self, name: str, seconds: Callable[[], float], turn: Callable[[], bool]) -> None:
        """Every `seconds()` it takes a `turn()`, which says whether there was anything to do; 0 seconds: no thread."""
        self._name, self._seconds, self._turn = name, seconds, turn
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.ended = threading.Event()
        self.busy = threading.Lock()

    def begin(self) -> None:
        """Called for each thing that is gathered, so it asks for nothing where the thread runs."""
        if self._thread is None and self._seconds() and not self.ended.is_set():
            with self._lock, suppress(RuntimeError):  # the interpreter is ending, and starts no more threads
                if self._thread is None:
                    thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    thread.start()
                    self._thread = thread

    def stop(self) -> None:
        """The last turn is taken, and the thread ends: the process is about to."""
        self.ended.set()
        thread, self._thread = self._thread, None
        if thread and thread.is_alive():
            thread.join(timeout=END_SECONDS)

    def _run(self) -> None:
        while not self.ended.wait(self._seconds()):
            if not self._turn():
                connection.close()  # who has nothing to say takes nobody's place: every process has such a thread
        self._turn()
        connection.close()


class Writer:
    """What gathers and writes, by a thread of its own."""

    thread: OwnThread

    def stop(self) -> None:
        self.thread.stop()


W = TypeVar("W", bound=Writer)


class OfProcess(Generic[W]):
    """One writer for each process. Call it to have it.

    A child gets a copy of every lock as it is, and in the midst of a statement the thread holds some of libraries that
    nobody in the child would ever open: so a fork waits until it is done. Not for ever: the database may hang.
    """

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self._writer = make()
        self._held = threading.local()  # by the thread that forks
        os.register_at_fork(before=self._hold, after_in_parent=self._let_go, after_in_child=self._in_child)
        atexit.register(self.stop)

    def __call__(self) -> W:
        return self._writer

    def begin_anew(self) -> None:
        """The parent's thread is not there in a child, and what the parent gathered is the parent's to write."""
        self._writer = self._make()

    def stop(self) -> None:
        """Of a process that is about to end, however it is made to: what it has gathered is written."""
        self._writer.stop()

    def _hold(self) -> None:
        busy = self._writer.thread.busy
        self._held.lock = busy if busy.acquire(timeout=FORK_SECONDS) else None

    def _let_go(self) -> None:
        lock, self._held.lock = self._held.lock, None
        if lock is not None:
            lock.release()

    def _in_child(self) -> None:
        self._held.lock = None
        self.begin_anew()

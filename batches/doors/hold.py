"""Messages in hand stay hidden from other receivers for as long as they are in hand, by a heartbeat (Y1)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from batches.doors.sqs import Message, QueueAway, SqsQueue
from monitoring import telemetry


class Hold:
    """`with Hold(queue, messages, seconds) as hold:` renews the visibility of all that were not let go."""

    def __init__(self, queue: SqsQueue, messages: Sequence[Message], seconds: int) -> None:
        self._queue, self._seconds = queue, seconds
        self._held = {message.handle: message for message in messages}
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="hold", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def let_go(self, message: Message) -> None:
        """No further heartbeat for it: it is about to be deleted, or given back."""
        with self._lock:
            self._held.pop(message.handle, None)

    def _beat(self) -> None:
        while not self._done.wait(self._seconds / 3):
            # Under the lock: a message that is being given back must not be hidden again behind our back.
            with self._lock:
                self._renew()

    def _renew(self) -> None:
        try:
            self._queue.hide(list(self._held.values()), self._seconds)
        except QueueAway as away:
            # It may come to another receiver meanwhile, who finds it done; or changes nothing by doing it first.
            telemetry.event("hold_failed", level=logging.WARNING, queue=self._queue.name, error=str(away))

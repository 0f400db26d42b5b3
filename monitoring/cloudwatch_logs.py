"""Log lines to CloudWatch, by watchtower, behind a hand-over of our own.

watchtower's queue has no end: while CloudWatch is away it grows until the process dies, and its flush waits half a
minute (3.4, `queue.Queue()`, FLUSH_TIMEOUT). So lines wait here, in bounded room, and the oldest give way; a thread
passes on as many as fit into one request, and no more before those have left. Logging itself never waits.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from enum import Enum
from typing import Any, NamedTuple, cast

# Here, as this module is only loaded where it is switched on: boto3 cannot be imported any more when a process ends.
import boto3
import watchtower
from botocore.config import Config
from botocore.exceptions import ClientError

from monitoring import telemetry

MOST_BYTES = 8 * 2**20  # of lines that wait
MOST_LINES = 20_000
BATCH_LINES, BATCH_BYTES = 500, 700_000  # a request takes 1 MiB, and 26 bytes are added to each line
MOST_LINE = 200_000  # of 256 KiB
SEND_SECONDS, MOST_SECONDS = 2.0, 60.0  # between two looks, and while CloudWatch is away
CALL_SECONDS = 5.0
END_SECONDS = 5.0
# These say how the sending goes: shipping their lines would make more of them for ever.
NOT_SHIPPED = ("boto3", "botocore", "urllib3", "watchtower", "py.warnings", "s3transfer")


class Line(NamedTuple):
    record: logging.LogRecord
    size: int  # in bytes


class Outcome(Enum):
    TAKEN = "taken"
    REFUSED = "refused"  # the next try would be, too
    AWAY = "away"


class CloudWatchHandler(logging.Handler):
    """Its thread and its client are made in the process that first logs: made before a fork they would hang in the
    children (watchtower #89).
    """

    def __init__(self, log_group_name: str) -> None:
        super().__init__()
        self._group = log_group_name
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)
        # Before logging's own end, which would close watchtower's handler first, and the last lines would be lost.
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name in NOT_SHIPPED or record.name.partition(".")[0] in NOT_SHIPPED or self._ending.is_set():
            return
        try:
            self._keep(_line(record, self.format(record)))
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Nobody waits for CloudWatch; `close` gives it its last seconds."""

    def close(self) -> None:
        self._ending.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(END_SECONDS)
        super().close()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _begin_anew(self) -> None:
        self._waiting: deque[Line] = deque()
        self._bytes = 0
        self._room = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._sender: Sender | None = None
        self._away = False

    def _keep(self, line: Line) -> None:
        with self._room:
            self._waiting.append(line)
            self._bytes += line.size
            lost = self._make_room()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cloudwatch logs", daemon=True)
                self._thread.start()
        _count_lost(lost)

    def _make_room(self) -> int:
        """The oldest give way. How many did."""
        lost = 0
        while self._bytes > MOST_BYTES or len(self._waiting) > MOST_LINES:
            self._bytes -= self._waiting.popleft().size
            lost += 1
        return lost

    def _run(self) -> None:
        pause = SEND_SECONDS
        while True:
            ending = self._ending.wait(pause)
            pause = SEND_SECONDS if self._send_all() else min(2 * pause, MOST_SECONDS)
            if ending:
                return

    def _send_all(self) -> bool:
        """False: CloudWatch is away. What could not be sent waits in front of the rest."""
        while batch := self._next():
            match self._sent(batch):
                case Outcome.AWAY:
                    self._give_back(batch)
                    return False
                case Outcome.REFUSED:
                    _count_lost(len(batch))
                case Outcome.TAKEN if self._away:
                    self._away = False
                    telemetry.event("logs_shipped_again")
        return True

    def _sent(self, batch: list[Line]) -> Outcome:
        why = ""
        try:
            self._sender = self._sender or Sender(self._group)
            outcome = self._sender.send(batch, self._ending)
        except Exception as fault:  # no region, no credentials
            outcome, why = Outcome.AWAY, str(fault)
        if outcome is not Outcome.TAKEN and not self._away:
            self._away = True
            telemetry.event("logs_not_shipped", level=logging.WARNING, outcome=outcome.value, error=why)
        return outcome

    def _next(self) -> list[Line]:
        batch: list[Line] = []
        size = 0
        with self._room:
            while self._waiting and len(batch) < BATCH_LINES and size < BATCH_BYTES:
                line = self._waiting.popleft()
                self._bytes -= line.size
                size += line.size
                batch.append(line)
        return batch

    def _give_back(self, batch: list[Line]) -> None:
        with self._room:
            self._waiting.extendleft(reversed(batch))
            self._bytes += sum(line.size for line in batch)
            lost = self._make_room()
        _count_lost(lost)


class Sender:
    """watchtower, given one request's worth of lines and waited for. It says by warnings alone that lines were lost,
    so its client counts what was taken.
    """

    def __init__(self, group: str) -> None:
        logging.captureWarnings(True)  # as lines of the log, not as text between them
        limits = Config(connect_timeout=CALL_SECONDS, read_timeout=CALL_SECONDS, retries={"total_max_attempts": 1})
        self._client = CountingClient(boto3.client("logs", config=limits))
        self._handler: Any = watchtower.CloudWatchLogHandler(
            log_group_name=group,
            log_stream_name="{machine_name}/{program_name}/{process_id}",
            boto3_client=cast(Any, self._client),
            create_log_group=False,
            max_batch_count=BATCH_LINES,
        )
        self._handler.FLUSH_TIMEOUT = 1  # logging's own shutdown would wait for 30 s, twice
        self._handler.setFormatter(logging.Formatter("%(message)s"))

    def send(self, batch: list[Line], ending: threading.Event) -> Outcome:
        """Waits until watchtower is done with them, or the process is about to end."""
        before, self._client.refused = self._client.taken, False
        if ending.is_set() and not self._handler.queues:
            self._handler.use_queues = False  # watchtower's thread can no longer be started (Python 3.12 and later)
        for line in batch:
            self._handler.emit(line.record)
        self._handler.flush()  # a mark behind them; done with it, watchtower is done with them
        until: float = 0
        while any(queue.unfinished_tasks for queue in self._handler.queues.values()):
            until = until or (time.monotonic() + END_SECONDS if ending.is_set() else 0.0)
            if until and time.monotonic() > until:
                break
            ending.wait(0.05)
        if self._client.taken - before == len(batch):
            return Outcome.TAKEN
        return Outcome.REFUSED if self._client.refused else Outcome.AWAY


class CountingClient:
    """CloudWatch's client, and how many lines it took."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.taken, self.refused = 0, False

    def put_log_events(self, **call: Any) -> Any:
        try:
            answer = self._client.put_log_events(**call)
        except ClientError as fault:
            status = int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
            code = fault.response.get("Error", {}).get("Code", "")
            self.refused = 400 <= status < 500 and not code.startswith(("Throttl", "ResourceNotFound", "ExpiredToken"))
            raise
        self.taken += len(call["logEvents"])
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def _line(record: logging.LogRecord, text: str) -> Line:
    told = text.encode()[:MOST_LINE].decode("utf-8", "ignore")
    line = logging.LogRecord(record.name, record.levelno, "", 0, told, None, None)
    line.created = record.created
    return Line(line, len(told.encode()))


def _count_lost(number: int) -> None:
    if number:
        telemetry.count("telemetry.lost", number, what="logs")

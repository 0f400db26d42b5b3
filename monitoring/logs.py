"""Log lines as JSON (O-LOG-01), and CloudWatch when switched on (O-LOG-03)."""

from __future__ import annotations

import logging
import os
from typing import Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter


class JsonFormatter(BaseJsonFormatter):
    """`{"time", "level", "logger", "event", …ids}`; times in UTC, text as it is (Japanese stays readable)."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger", "message": "event"},
            timestamp="time",
            json_ensure_ascii=False,
        )


class LateCloudWatchHandler(logging.Handler):
    """watchtower's handler, made in the process that first logs: made before a fork it would hang in the children.

    Bounded: watchtower drops its oldest when its queue is full, so CloudWatch being away never stops the work.
    """

    def __init__(self, log_group_name: str) -> None:
        super().__init__()
        self.log_group_name = log_group_name
        self._pid = 0
        self._handler: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._pid != os.getpid():
            self._pid, self._handler = os.getpid(), self._make()
        if self._handler is not None:
            self._handler.emit(record)

    def flush(self) -> None:
        if self._handler is not None and self._pid == os.getpid():
            self._handler.flush()

    def _make(self) -> logging.Handler:
        import watchtower

        options: dict[str, Any] = {
            "log_group_name": self.log_group_name,
            "create_log_group": False,
            "max_message_size": 256_000,
        }
        handler: logging.Handler = watchtower.CloudWatchLogHandler(**options)
        handler.setFormatter(self.formatter)
        return handler

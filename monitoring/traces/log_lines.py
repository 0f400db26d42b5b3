"""Log records of a part that is kept, hung on the span that was active. Others are in the log alone."""

from __future__ import annotations

import logging
import random
import traceback
from datetime import UTC, datetime
from typing import Any

from monitoring.redact import redacted_fields
from monitoring.traces import spans
from monitoring.traces.part import Line
from monitoring.traces.redact import redacted, told

MOST_FRAMES = 12
TOLD = (str, int, float, bool, list, dict)
USUAL = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "trace_id", "span_id", "taskName"}


class TraceHandler(logging.Handler):
    """Never raises, never waits: a record becomes a line of its part, in memory."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            spans.say(lambda span_id: _line(record, span_id))
        except Exception:
            self.handleError(record)


def _line(record: logging.LogRecord, span_id: int) -> Line:
    at = datetime.fromtimestamp(record.created, UTC)
    number = random.getrandbits(63)
    return Line(number, at, record.levelname, redacted(record.getMessage()), span_id, _fields(record))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    said = {name: value for name, value in vars(record).items() if name not in USUAL and isinstance(value, TOLD)}
    fields = {
        name: redacted(value) if isinstance(value, str) else value for name, value in redacted_fields(said).items()
    }
    if record.exc_info and record.exc_info[1] is not None:
        fields["error"] = told(record.exc_info[1])
        fields["traceback"] = "".join(traceback.format_tb(record.exc_info[2], -MOST_FRAMES))
    return fields

"""Log lines as JSON (O-LOG-01), without secrets and without what belongs to people."""

from __future__ import annotations

from typing import Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from monitoring.redact import redacted, redacted_error, redacted_fields, redacted_traceback

OURS = "nightshelf"  # the logger behind `telemetry.event`
OTHERS = "library"  # the event of a line that a library wrote
ERRORS = ("error", "why", "exc")  # fields that hold an exception's words


class JsonFormatter(BaseJsonFormatter):
    """`{"time", "level", "logger", "event", …ids, …fields}`; times in UTC, text as it is (Japanese stays readable).

    A library's line has no event of its own: it is `library`, and what it says is its `message`.
    """

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        message = redacted(str(log_data.pop("message", "")))
        first = {name: log_data.pop(name) for name in ("time", "level", "logger")}
        told = {"event": message} if first["logger"] == OURS else {"event": OTHERS, "message": message}
        return {**first, **told, **_fields(log_data)}


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """A request is told by its path: its query and its headers are what somebody typed and is signed in with."""
    request = given.pop("request", None)
    exception = given.pop("exc_info", None)
    errors = {name: redacted_error(str(given.pop(name))) for name in ERRORS if given.get(name)}
    fields = {**redacted_fields(given), **errors}
    if getattr(request, "path", None):
        fields |= {"method": request.method, "path": redacted(request.path)}
    if exception:
        fields["exc_info"] = redacted_traceback(str(exception))
    return fields

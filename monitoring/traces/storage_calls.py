"""Each call to storage is a leaf and a figure, with the kind of object it was about: a key would name people."""

from __future__ import annotations

from monitoring import process, telemetry
from monitoring.components import Component
from monitoring.traces import spans
from storage import calls
from storage.port import ObjectChanged, ObjectMissing

STORAGE = str(Component.STORAGE)


def observe() -> None:
    calls.observed_by(_observed)


def _observed(call: calls.Call) -> None:
    if not spans.is_observed():
        return
    # That an object is not there, or another one by now, is an answer.
    fault = None if isinstance(call.fault, ObjectMissing | ObjectChanged) else call.fault
    telemetry.measure(
        "storage.call", call.waited, failed=fault is not None,
        operation=call.operation, component=str(process.component()),
    )  # fmt: skip
    spans.leaf(f"storage.{call.operation}", STORAGE, call.began, call.seconds, fault, prefix=call.prefix)

"""Clocks around the engine's steps: wall time, and the CPU time of the thread that took it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from batches import kinds
from batches.pipeline import bring_in, copy_rows, make_rows, prepare, write


class Clock:
    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.calls = 0

    def around(self, function: Callable[..., Any], *, eager: bool = False) -> Callable[..., Any]:
        """`function` with this clock running; an `eager` one's items are all taken while it runs."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                result = function(*args, **kwargs)
                return list(result) if eager else result
            finally:
                self.wall += time.perf_counter() - wall
                self.cpu += time.thread_time() - cpu
                self.calls += 1

        return timed

    def told(self) -> dict[str, float]:
        return {"wall": self.wall, "cpu": self.cpu, "calls": self.calls}


def wind_up() -> dict[str, Clock]:
    """Patch a clock around each step. Reading and making rows run in one thread, all others in another."""
    steps = {
        "read, decode, make rows": (prepare, "parse_chunk"),
        "look up owners": (make_rows, "_owners"),
        "copy rows": (write, "copy_fresh"),
        "merge rows": (write, "merge_rows"),
        "bury dead lines": (write, "bury_lines"),
        "finish chunk": (write, "_finish_chunk"),
        "write chunk, commit included": (bring_in, "write_chunk"),
        "join the rows' text": (copy_rows, "_joined"),
    }
    clocks = {name: Clock() for name in steps}
    for name, (module, function) in steps.items():
        vars(module)[function] = clocks[name].around(vars(module)[function], eager=name.startswith("join"))
    receipts = kinds._KINDS["receipts"]
    clocks["make rows"] = Clock()
    kinds._KINDS["receipts"] = receipts._replace(rows=clocks["make rows"].around(receipts.rows, eager=True))
    return clocks

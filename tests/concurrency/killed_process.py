"""A process of its own that works, and is killed at a named call: `python -m tests.concurrency.killed_process …`.

Arguments: the verb, its argument ('' for none), the function whose call is the last thing that happens, which of its
calls, and whether that is done first. The code that works knows nothing of this.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from importlib import import_module
from typing import Any


def main(verb: str, argument: str, point: str, call: str, when: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    work = _named(verb)[2]
    module, name, original = _named(point)
    setattr(module, name, _deadly(original, int(call), done_first=when == "after"))
    work(*[int(argument)] if argument else [])
    raise SystemExit(f"{point} was not called {call} times.")


def _named(path: str) -> tuple[Any, str, Any]:
    """A module, or a class in it, and what of it is meant: `package.module:Class.method`."""
    module, _, inner = path.partition(":")
    holder: Any = import_module(module)
    *way, name = inner.split(".")
    for step in way:
        holder = getattr(holder, step)
    return holder, name, getattr(holder, name)


def _deadly(original: Any, call: int, *, done_first: bool) -> Any:
    calls: list[None] = []

    def counted(*given: Any, **named: Any) -> Any:
        calls.append(None)
        if len(calls) < call:
            return original(*given, **named)
        if done_first:
            original(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return time.sleep(300)  # the signal is on its way: nothing more may happen here

    return counted


if __name__ == "__main__":
    main(*sys.argv[1:])

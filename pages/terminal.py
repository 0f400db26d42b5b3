"""Progress of long work: a bar on a terminal, plain lines elsewhere, on standard error in both cases."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

LINE_SECONDS = 5.0


class Progress:
    """`show` as often as you like; nothing is drawn when `quiet`."""

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._title, self._quiet = title, quiet
        self._began = self._told = time.monotonic()
        self._bar = _bar() if sys.stderr.isatty() and not quiet else None
        if self._bar:
            self._task = self._bar.add_task(title, total=None, lines="")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, done: int, total: int, lines: int) -> None:
        """`done` of `total` (bytes, or any one unit), and the lines that were in it."""
        rate = lines / max(time.monotonic() - self._began, 0.001)
        told = f"{lines:,} lines, {rate:,.0f}/s"
        if self._bar:
            self._bar.update(self._task, completed=done, total=total, lines=told)
        elif time.monotonic() - self._told >= LINE_SECONDS:
            self._told = time.monotonic()
            self.say(f"{self._title}: {100 * done // (total or 1)} %, {told}")

    def say(self, sentence: str) -> None:
        if self._bar:
            self._bar.console.print(sentence, highlight=False)
        elif not self._quiet:
            print(sentence, file=sys.stderr, flush=True)


def _bar() -> Any:
    # Only now: it takes ten megabytes, which a process without a terminal has better use for.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[lines]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))

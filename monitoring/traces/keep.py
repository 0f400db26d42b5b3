"""Whether a part of a trace is kept, decided when it has ended: by then it is known whether it failed or was slow."""

from __future__ import annotations

from collections import deque

from django.conf import settings

from monitoring.traces.part import Part

MOST_NAMES = 500
REMEMBERED = 200
ENOUGH = 50  # of a name, before any of it is called slow
SLOW_SHARE = 0.97


class Usual:
    """How long steps of one name took of late, and what is slow by that."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)
        self._since = 0
        self.slow_from: float | None = None

    def is_slow(self, seconds: float) -> bool:
        slow = self.slow_from is not None and seconds >= self.slow_from
        self._seconds.append(seconds)
        self._since += 1
        if len(self._seconds) >= ENOUGH and self._since >= ENOUGH // 2:
            self._since = 0
            self.slow_from = sorted(self._seconds)[int(SLOW_SHARE * len(self._seconds))]
        return slow


_usual: dict[str, Usual] = {}


def is_kept(part: Part, seconds: float) -> bool:
    """Asked once for each part: its length becomes part of what is usual."""
    slow = _usual_of(part.root.name).is_slow(seconds)
    return part.keep or part.failed or slow or is_sampled(part.trace_id)


def is_sampled(trace_id: int) -> bool:
    """The same in all processes: by the trace's own random bits."""
    return trace_id & (2**56 - 1) < settings.TRACE_SAMPLE * 2**56


def begin_anew() -> None:
    _usual.clear()


def _usual_of(name: str) -> Usual:
    if (usual := _usual.get(name)) is None:
        if len(_usual) >= MOST_NAMES:
            _usual.clear()
        usual = _usual[name] = Usual()
    return usual

"""Which state datapoints mean: CloudWatch's own rules, as a pure function.

Sources: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", with its section
"Avoiding premature transitions to alarm state". Both of its tables are in `tests/data/alarms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitoring.alarms.words import MissingData, State

# More periods are looked at than N, so that one whose figures come late, or not at all, is seldom filled in. AWS says
# "a higher number" and counts five for N = 3 in its tables.
MORE_PERIODS = 2

Breaches = bool | None  # None: the period has no data


class Verdict(NamedTuple):
    """`used`: places of the real datapoints that were judged, oldest first; `filled`: how many were taken for missing.

    `kept`: the state is what it was because the data does not say otherwise.
    """

    state: State
    used: tuple[int, ...]
    filled: int
    kept: bool = False


def evaluation_range(n: int) -> int:
    """How many periods are looked at."""
    return n + MORE_PERIODS


def evaluate(breaches: Sequence[Breaches], m: int, n: int, missing: str, before: State) -> Verdict:
    """`breaches`: of the periods of the evaluation range, the oldest first. M of N of them make an alarm.

    Real datapoints count first: with N of them in the range the newest N decide, and nothing is filled in. With fewer,
    all of them count, and only as many are filled in, by the rule's policy, as are wanting for N.
    """
    looked_at = breaches[-evaluation_range(n) :]
    offset = len(breaches) - len(looked_at)
    used = [place for place, breach in enumerate(looked_at) if breach is not None][-n:]
    filled, over = n - len(used), sum(bool(looked_at[place]) for place in used)
    state = _state(over, filled, len(used), m, missing) or _of_few(looked_at, over, m, missing)
    return Verdict(state or before, tuple(offset + place for place in used), filled, kept=state is None)


def _state(over: int, filled: int, real: int, m: int, missing: str) -> State | None:
    """None where it takes a look at where the missing ones are."""
    if over >= m:
        return State.ALARM
    if not filled or missing == MissingData.NOT_BREACHING:
        return State.OK
    if missing == MissingData.BREACHING:
        return State.ALARM if over + filled >= m else State.OK
    return State.OK if over < real else None


def _of_few(looked_at: Sequence[Breaches], over: int, m: int, missing: str) -> State | None:
    """Nothing but breaching datapoints, if any, and too few of them; None: the state stays.

    - - X - -, M = 3: whatever had come since would have been one of the last M, and the breach is as old: an alarm,
    though there are fewer than M. Of - - - - X nothing is known yet: the next one may be fine, so nothing changes.
    """
    if missing == MissingData.IGNORE:
        return None
    if not over:
        return State.INSUFFICIENT_DATA
    oldest = next(place for place, breach in enumerate(looked_at) if breach)
    return State.ALARM if len(looked_at) - oldest >= m else None

"""How many letters of a redrive may be begun now. Pure.

Rate: as many as fit into ten seconds, then a pause that makes up for them; so in any minute there are never more than
the rate. Ramp: steps of 1, 5, 25, 125 … letters, counted by how many were begun, so that nothing but the letters
themselves has to be remembered.
"""

from __future__ import annotations

BATCH = 200  # letters in a transaction
SLICE = 10  # seconds


def batch_size(*, rate: int | None, ramp: bool, done: int) -> int:
    """Letters that may be tried in the next transaction."""
    sizes = [BATCH]
    if rate is not None:
        sizes.append(max(1, rate * SLICE // 60))
    if ramp:
        sizes.append(left_of_step(done))
    return min(sizes)


def left_of_step(done: int) -> int:
    """Letters that may still be begun in the ramp's present step, `done` having been begun: the steps end after 1, 6,
    31, 156 … letters.
    """
    step = end = 1
    while end <= done:
        step *= 5
        end += step
    return end - done


def pause(*, rate: int | None, letters: int) -> float:
    """Seconds until the next batch may begin, from when this one of so many letters began."""
    return 60 * letters / rate if rate else 0.0

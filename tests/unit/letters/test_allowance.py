"""How many letters may be begun at once."""

from __future__ import annotations

import pytest

from batches.letters.allowance import batch_size, left_of_step, pause


def test_steps_of_a_ramp() -> None:
    steps, done = [], 0
    while done < 800:
        steps.append(left_of_step(done))
        done += steps[-1]

    assert steps == [1, 5, 25, 125, 625, 3125][: len(steps)]
    assert left_of_step(3) == 3


@pytest.mark.parametrize(
    ("rate", "ramp", "done", "size"),
    [
        (None, False, 0, 200),
        (60, False, 0, 10),
        (3, False, 0, 1),
        (6000, False, 0, 200),
        (60, True, 1, 5),
        (60, True, 6, 10),
    ],
)
def test_a_batch(rate: int | None, ramp: bool, done: int, size: int) -> None:
    assert batch_size(rate=rate, ramp=ramp, done=done) == size


@pytest.mark.parametrize("rate", [1, 7, 60, 999, 12_000])
def test_never_more_than_the_rate_in_a_minute(rate: int) -> None:
    size = batch_size(rate=rate, ramp=False, done=0)

    # Batches that begin within any minute: each at least a pause after the one before.
    assert size * (60 / pause(rate=rate, letters=size)) <= rate + 1e-6


def test_without_a_rate_there_is_no_pause() -> None:
    assert pause(rate=None, letters=200) == 0

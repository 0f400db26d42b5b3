"""What is told of many values without keeping them: percentiles within 2 %, whatever was merged in what order."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from monitoring.metrics import bins
from monitoring.metrics.summary import Summary, merged

PERCENTS = (1, 10, 50, 90, 95, 99, 99.9, 100)
SHAPES: dict[str, Callable[[random.Random], float]] = {
    "like latencies": lambda chance: chance.lognormvariate(-4, 1.5),
    "even": lambda chance: chance.uniform(0, 1000),
    "two humps": lambda chance: chance.gauss(0.01, 0.001) if chance.random() < 0.9 else chance.gauss(30, 2),
    "over all sizes": lambda chance: 10 ** chance.uniform(-8, 15),
    "whole numbers, many of them 0": lambda chance: float(chance.randint(-20, 20) if chance.random() < 0.5 else 0),
}


def summary_of(values: list[float]) -> Summary:
    summary = Summary()
    for value in values:
        summary.add_value(value)
    return summary


def nearest_rank(values: list[float], percent: float) -> float:
    return sorted(values)[max(math.ceil(percent / 100 * len(values) - 1e-9), 1) - 1]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", [1, 2, 7, 100, 3000])
def test_a_percentile_is_within_two_percent_of_the_value_itself(shape: str, number: int) -> None:
    chance = random.Random(f"{shape} {number}")
    values = [max(SHAPES[shape](chance), 0.0) for _ in range(number)]
    summary = summary_of(values)

    for percent in PERCENTS:
        exact = nearest_rank(values, percent)
        assert summary.percentile(percent) == pytest.approx(exact, rel=0.02, abs=bins.SMALLEST)
    assert (summary.least, summary.most) == (min(values), max(values))
    assert summary.average == pytest.approx(math.fsum(values) / number)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_hour_s_percentile_is_that_of_its_values_and_no_average_of_percentiles(shape: str) -> None:
    chance = random.Random(shape)
    minutes = [[max(SHAPES[shape](chance), 0.0) for _ in range(chance.randint(1, 90))] for _ in range(60)]
    # One bad minute with few requests: an average of percentiles would drown it, or be drowned by it.
    minutes[7] = [40.0 + number for number in range(5)]

    parts = [summary_of(minute) for minute in minutes]
    chance.shuffle(parts)

    hour = merged(parts)
    everything = [value for minute in minutes for value in minute]
    assert hour.bins == summary_of(everything).bins
    for percent in PERCENTS:
        exact = nearest_rank(everything, percent)
        assert hour.percentile(percent) == pytest.approx(exact, rel=0.02, abs=bins.SMALLEST)


def test_each_bin_s_value_is_within_two_percent_of_its_edges() -> None:
    for bin in range(-500, 900):
        edges = bins.BASE ** (bin - 1), bins.BASE**bin
        for edge in edges:
            assert abs(bins.value_of(bin) - edge) / edge <= 0.02
        assert bins.bin_of(edges[1]) == bin
        assert bins.bin_of(edges[0] * 1.0001) == bin


def test_what_has_no_value_tells_none() -> None:
    counted = Summary(count=200, errors=7)

    assert counted.failure_rate == 3.5
    assert (counted.average, counted.percentile(99), counted.least) == (None, None, None)
    assert (Summary().failure_rate, Summary().average, Summary().percentile(50)) == (None, None, None)

"""An exponential histogram: a value is known to 2 % by the number of its bin, and two histograms merge by adding.

Bin i holds the values in (BASE^(i-1), BASE^i]. The value told for it is the one whose relative error to both ends is
the same: (BASE - 1) / (BASE + 1), here 1.96 %. (DDSketch, Masson et al., 2019.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping

BASE = 1.04
SMALLEST = 1e-9  # at or below it a value is 0
ZERO_BIN = -32_768

_LOG_BASE = math.log(BASE)


def bin_of(value: float) -> int:
    return ZERO_BIN if value <= SMALLEST else math.ceil(math.log(value) / _LOG_BASE - 1e-9)


def value_of(bin: int) -> float:
    return 0.0 if bin == ZERO_BIN else 2 * BASE**bin / (BASE + 1)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The value that `share` (0 < share ≤ 1) of all are not above, by nearest rank; None where there is none."""
    total = sum(counts.values())
    rank, seen = math.ceil(share * total - 1e-9), 0
    for bin in sorted(counts):
        seen += counts[bin]
        if seen >= max(rank, 1):
            return value_of(bin)
    return None

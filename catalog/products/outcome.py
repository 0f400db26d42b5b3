"""What a batch of a bulk edit came to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Numbers of products; `refused` says why each of them was left as it was."""

    changed: list[int] = field(default_factory=list)
    same: int = 0
    refused: dict[int, str] = field(default_factory=dict)

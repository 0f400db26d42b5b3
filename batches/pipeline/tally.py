"""What a chunk's lines came to, counted while they are written and kept with the chunk."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """The six counters of a chunk, and the ids it found unchanged (12 bytes each)."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    dead: int = 0
    unchanged_ids: bytearray = field(default_factory=bytearray)

    def counters(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

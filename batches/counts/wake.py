"""Tell a worker that counts wait. Losing the message costs time, never a count: the watch looks as well."""

from __future__ import annotations

from batches.pipeline.wake import send


def wake_counters() -> None:
    """A message if any counts wait, none otherwise."""
    from batches.counts.waiting import places_to_fill
    from batches.tasks import place_counts

    if next(places_to_fill(), None) is not None:
        send(place_counts, 1)

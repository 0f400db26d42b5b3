"""Tell the workers that images wait. Losing the message costs time, never a move: `recover` looks as well."""

from __future__ import annotations

from batches.moves.claim import IMAGES_PER_BATCH, claimable
from batches.moves.start import files_to_start
from batches.moves.store_letters import letters_to_store
from batches.pipeline.wake import send


def wake_movers() -> None:
    """One message for each batch that could be moved beside the others, up to a bound; none when nothing is to do."""
    from batches.tasks import move

    send(move, helpers())


def helpers() -> int:
    """How many movers would find something to do."""
    if batches := -(-claimable() // IMAGES_PER_BATCH):
        return batches
    return int(next(files_to_start(), None) is not None or letters_to_store().exists())

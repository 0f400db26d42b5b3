"""A key that was there already: the same once more, or something else."""

from __future__ import annotations

from inventory.ledger.refused import AlreadyReversed, KeyReused
from inventory.models import StockPosting


def again(asked: StockPosting) -> StockPosting:
    """The posting that was made before under this key; KeyReused when it is not the same, AlreadyReversed when it was
    not the key that stood in the way.
    """
    known = StockPosting.objects.filter(key=asked.key).first()
    if known is not None and bytes(known.content) == asked.content:
        return known
    if asked.reverses_id and (known is None or known.reverses_id == asked.reverses_id):
        first = known or StockPosting.objects.get(reverses=asked.reverses_id)
        raise AlreadyReversed(f"Posting {asked.reverses_id} was taken back already, by posting {first.pk}.")
    if known is not None:
        raise KeyReused(
            f"The idempotency key {asked.key} was used for something else: for posting {known.pk}, a"
            f" {known.get_kind_display().lower()} of {known.at:%Y-%m-%d}. Make a new key for a new posting."
        )
    raise RuntimeError(f"The posting under key {asked.key} was not made, and there is none.")

"""Rows that a person is shown: all that are refused up to a bound, and the first of those that add or change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalog.models import TransferRow
from catalog.transfers.judge import ADDED, CHANGED, REFUSED, SAME, Judged

MOST = {REFUSED: 10_000, CHANGED: 500, ADDED: 500, SAME: 0}
MOST_SHOWN = 300  # characters of one value


class Notes:
    """How many of each are kept already is asked once."""

    def __init__(self, transfer_id: int) -> None:
        self._transfer_id = transfer_id
        rows = TransferRow.objects.filter(transfer=transfer_id)
        self._kept = {outcome: rows.filter(outcome=outcome).count() for outcome in MOST}

    def write(self, judged: Iterable[Judged]) -> None:
        """Inside the caller's transaction. A row that was told to be changed and is refused now is told so."""
        rows = [row for each in judged if (row := self._note(each))]
        TransferRow.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["transfer", "row"], update_fields=["outcome", "sku", "told"]
        )

    def _note(self, judged: Judged) -> TransferRow | None:
        if self._kept[judged.outcome] >= MOST[judged.outcome]:
            return None
        self._kept[judged.outcome] += 1
        told = {column: _short(said) for column, said in judged.told.items()}
        return TransferRow(
            transfer_id=self._transfer_id, row=judged.row.number, outcome=judged.outcome, sku=judged.sku[:64], told=told
        )


def _short(said: Any) -> Any:
    if isinstance(said, list):
        return [_short(each) for each in said]
    return said[:MOST_SHOWN] + "…" if isinstance(said, str) and len(said) > MOST_SHOWN else said

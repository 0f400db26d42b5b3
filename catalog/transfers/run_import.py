"""A confirmed import is written: chunk by chunk, or all of it or nothing.

Chunk by chunk, a transaction holds 500 rows and the transfer's counter: whoever takes a killed one up goes on behind
the last row that was committed. All or nothing is one transaction; killed, it never was.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Transfer, TransferStatus
from catalog.transfers.checked_rows import in_chunks, read_checked
from catalog.transfers.fetch import fetched
from catalog.transfers.judge import OUTCOMES, Judged
from catalog.transfers.lease import Claim, Heart, name_connection, settle
from catalog.transfers.note_rows import Notes
from catalog.transfers.recorded import recorded_as
from catalog.transfers.write_rows import write_rows
from monitoring import telemetry

FINISHED: dict[str, Any] = {
    "status": TransferStatus.FINISHED, "finished_at": Now(), "leased_until": None, "failure": "",
}  # fmt: skip


class NotWhole(Exception):
    """A row of an all-or-nothing import is refused: nothing was written."""

    def __init__(self, refused: list[Judged]) -> None:
        first = refused[0]
        said = " ".join(first.told.values())
        super().__init__(f"Nothing was written: row {first.row.number:,} ({first.sku}) is refused now. {said}")
        self.refused = refused


def run_import(claim: Claim, heart: Heart) -> None:
    """StorageFault, LeaseLost, NotWhole; IntegrityError when somebody wrote the same at the same moment: it is judged
    anew, and told.
    """
    transfer = Transfer.objects.select_related("started_by").get(pk=claim.transfer_id)
    with recorded_as(transfer):
        if transfer.whole:
            _all_or_nothing(claim, heart, transfer)
        else:
            _chunk_by_chunk(claim, heart, transfer)
    telemetry.event("import_finished", rows=transfer.total)


def _chunk_by_chunk(claim: Claim, heart: Heart, transfer: Transfer) -> None:
    notes = Notes(transfer.pk)
    with fetched(transfer.checked_key) as file:
        for chunk in in_chunks(read_checked(file, skip=transfer.done)):
            heart.check()
            with transaction.atomic():
                name_connection(claim)
                counts, refused = write_rows(chunk)
                notes.write(refused)
                grown = {name: F(name) + counts[name] for name in OUTCOMES}
                settle(claim, done=F("done") + len(chunk), attempts=0, **grown)
    settle(claim, **FINISHED)


def _all_or_nothing(claim: Claim, heart: Heart, transfer: Transfer) -> None:
    total: Counter[str] = Counter()
    with fetched(transfer.checked_key) as file, transaction.atomic():
        name_connection(claim)
        for chunk in in_chunks(read_checked(file)):
            heart.check()
            counts, refused = write_rows(chunk)
            if refused:
                raise NotWhole(refused)
            total += counts
            heart.show(total.total())
        settle(claim, done=total.total(), **{name: total[name] for name in OUTCOMES}, **FINISHED)

"""The rows of an import that were refused, as a file: put right and uploaded again, it takes back its extra column."""

from __future__ import annotations

from typing import IO

from catalog.models import Transfer, TransferRow
from catalog.transfers.checked_rows import read_checked
from catalog.transfers.columns import WRONG
from catalog.transfers.fetch import fetched
from catalog.transfers.judge import REFUSED
from catalog.transfers.writing.file import written


def write_refused(transfer: Transfer, into: IO[bytes]) -> None:
    """In the format of the upload. StorageFault."""
    columns = [column for column in transfer.columns if column != WRONG]
    later = dict(TransferRow.objects.filter(transfer=transfer, outcome=REFUSED).values_list("row", "told"))
    with fetched(transfer.checked_key) as file, written(into, transfer.format, [*columns, WRONG]) as rows:
        for row in read_checked(file):
            faults = row.faults if row.outcome == REFUSED else later.get(row.number)
            if faults:
                cells = [row.cells.get(column, "") for column in columns]
                rows.write([*cells, sentence_of(faults)])


def sentence_of(faults: dict[str, str]) -> str:
    return " ".join(f"{column}: {said}" if column else said for column, said in faults.items())

"""`products import FILE`: checked, and written unless only the check was asked for."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from catalog.management.transfers.shared import (
    COULD_NOT_RUN,
    NOT_ALL,
    CannotRun,
    Told,
    add_who,
    data_of,
    person_of,
    worked,
)
from catalog.models import Transfer, TransferRow, TransferStatus
from catalog.transfers.begin_import import begin_import
from catalog.transfers.cancel import cancel
from catalog.transfers.confirm import confirm
from catalog.transfers.judge import REFUSED
from catalog.transfers.refused_rows import sentence_of

HELP = "import products from a file: CSV, XLSX or JSON; exit code 1 when a row is refused"
MOST_TOLD = 50


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="only tell what would change")
    parser.add_argument("--good-rows", action="store_true", help="take the good rows although others are refused")
    add_who(parser)


def run(options: dict[str, Any]) -> Told:
    by, path = person_of(options), options["file"]
    try:
        with path.open("rb") as content:
            transfer = begin_import(path.name, content, path.stat().st_size, actor=by)
    except OSError as fault:
        raise CannotRun(f"{path} could not be read: {fault.strerror}.") from None
    transfer = worked(transfer.pk)
    if transfer.status != TransferStatus.CHECKED:
        return _told(transfer)
    refused = transfer.refused and not options["good_rows"]
    if options["check"] or refused or not transfer.added + transfer.changed:
        told = _told(transfer)
        cancel(transfer.pk, actor=by)
        return told
    confirm(transfer.pk, whole=not options["good_rows"], actor=by)
    return _told(worked(transfer.pk))


def _told(transfer: Transfer) -> Told:
    if transfer.status in (TransferStatus.FAILED, TransferStatus.CANCELLED):
        return Told(f"Not imported. {transfer.failure}".strip(), data_of(transfer), COULD_NOT_RUN)
    faults = [
        {"row": row.row, "sku": row.sku, "faults": row.told}
        for row in TransferRow.objects.filter(transfer=transfer, outcome=REFUSED)[:MOST_TOLD]
    ]
    data = {**data_of(transfer), "refused_rows": faults}
    lines = [f"Row {fault['row']:,} {fault['sku']}: {sentence_of(fault['faults'])}" for fault in faults]
    if transfer.refused > MOST_TOLD:
        lines.append(f"… and {transfer.refused - MOST_TOLD:,} more.")
    return Told("\n".join([*lines, _figures(transfer)]), data, NOT_ALL if transfer.refused else 0)


def _figures(transfer: Transfer) -> str:
    counts = f"{transfer.added:,} added, {transfer.changed:,} changed, {transfer.same:,} as they were"
    if transfer.status == TransferStatus.FINISHED:
        return f"Imported: {counts}, {transfer.refused:,} refused."
    return f"Nothing was written. It would be: {counts}, {transfer.refused:,} refused."

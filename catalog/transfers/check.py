"""An import's dry run: each row against the database, and what would become of it. Products are read, never written."""

from __future__ import annotations

from collections import Counter
from tempfile import SpooledTemporaryFile
from typing import IO

from django.db import transaction
from django.db.models import F

from catalog.models import Transfer, TransferRow, TransferStatus
from catalog.transfers.checked_rows import in_chunks, line_of
from catalog.transfers.fetch import fetched
from catalog.transfers.judge import OUTCOMES, REFUSED, Judged, judge
from catalog.transfers.lease import Claim, Heart, settle
from catalog.transfers.look_up import look_up
from catalog.transfers.note_rows import Notes
from catalog.transfers.unpack import Unpacked, unpacked
from monitoring import telemetry
from storage import result_storage

IN_MEMORY = 2**20


def check(claim: Claim, heart: Heart, most: int | None = None) -> bool:
    """Look through the whole file; False, and nothing looked at, when it has more rows than `most`.

    Taken up again it begins anew: it changes nothing but the transfer's own rows. BadFile, StorageFault, LeaseLost.
    """
    transfer = Transfer.objects.get(pk=claim.transfer_id)
    with fetched(transfer.key) as file, unpacked(file, transfer.format) as rows:
        _begin(claim, rows)
        if most is not None and rows.total > most:
            return False
        with SpooledTemporaryFile(IN_MEMORY, prefix="nightshelf-checked-") as checked:
            _look_through(claim, heart, rows, checked)
            heart.check()
            key = f"imports/{transfer.pk}/checked-{claim.lease}.jsonl"
            checked.seek(0)
            result_storage().put(key, checked)
    _end(claim, key)
    return True


def _begin(claim: Claim, rows: Unpacked) -> None:
    with transaction.atomic():
        TransferRow.objects.filter(transfer=claim.transfer_id).delete()
        settle(
            claim, total=rows.total, columns=rows.columns, read_as=rows.read_as, done=0, failure="",
            **dict.fromkeys(OUTCOMES, 0),
        )  # fmt: skip


def _look_through(claim: Claim, heart: Heart, rows: Unpacked, checked: IO[bytes]) -> None:
    notes = Notes(claim.transfer_id)
    for chunk in in_chunks(rows.rows()):
        heart.check()
        judged = judge(chunk, look_up(row.cells for row in chunk))
        checked.writelines(map(line_of, judged))
        _tell(claim, judged, notes)


def _tell(claim: Claim, judged: list[Judged], notes: Notes) -> None:
    counts = Counter(each.outcome for each in judged)
    with transaction.atomic():
        notes.write(judged)
        settle(
            claim, done=F("done") + len(judged), **{name: F(name) + counts[name] for name in OUTCOMES if counts[name]}
        )


def _end(claim: Claim, key: str) -> None:
    with transaction.atomic():
        settle(claim, status=TransferStatus.CHECKED, checked_key=key, leased_until=None, attempts=0)
        transfer = Transfer.objects.get(pk=claim.transfer_id)
        found = {name: getattr(transfer, name) for name in OUTCOMES}
        Transfer.objects.filter(pk=transfer.pk).update(found=found)
    telemetry.event("import_checked", rows=transfer.total, refused=found[REFUSED])

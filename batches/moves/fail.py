"""An image could not be moved: its transaction's migration has failed, and a dead letter says why (Y9).

The state and the letter are one transaction; the letter's copy in storage follows after commit (`store_letters`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from batches.identity import receipt_digest
from batches.letters.close import close_letters
from batches.letters.write_letter import write_child, write_letter
from batches.models import DeadLetter
from batches.moves.claim import Image
from batches.moves.copy import NotCopied
from batches.moves.tell import tell_images
from batches.pipeline.brief_transaction import brief_transaction
from batches.states import LetterKind, LetterStatus, UploadStatus, before
from monitoring import telemetry

FAILED = """
    UPDATE batches_imageupload AS upload SET status = 'failed', code = fault.code, error = fault.error,
        failed_at = clock_timestamp(), letter_key = '', lease = NULL, leased_until = NULL
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS fault (id, code, error)
    WHERE upload.id = fault.id AND upload.lease IS NOT DISTINCT FROM %s AND upload.status = ANY(%s)
    RETURNING upload.id"""


def fail_images(lease: uuid.UUID | None, faults: Sequence[NotCopied]) -> int:
    """Those that are ours still. The source is kept: putting the cause right and moving again is all that is needed."""
    with brief_transaction():
        values: list[Any] = [
            [fault.image.pk for fault in faults],
            [fault.code for fault in faults],
            [f.error for f in faults],
        ]
        with connection.cursor() as cursor:
            cursor.execute(FAILED, [*values, lease, before(UploadStatus.FAILED)])
            failed = {pk for (pk,) in cursor.fetchall()}
        _bury([fault for fault in faults if fault.image.pk in failed])
        tell_images(len(failed), failed=len(failed))
    for fault in faults:
        telemetry.event(
            "image_not_moved", level=logging.WARNING, image=fault.image.image_id, job=fault.image.job_id,
            code=fault.code, trace_id=fault.image.trace_id,
        )  # fmt: skip
    return len(failed)


def transaction_of(image: Image) -> str:
    return receipt_digest(image.job_id, image.image_id)[:12].hex()


def _bury(faults: list[NotCopied]) -> None:
    """One open letter for each image: moved again and failed again for another reason, a child takes its place.

    The rows of the images are locked by now, so nobody else writes letters about them.
    """
    open_letters = DeadLetter.objects.filter(
        kind=LetterKind.IMAGE, status=LetterStatus.OPEN, record_id__in=[fault.image.image_id for fault in faults]
    )
    known = {letter.record_id: letter for letter in open_letters}
    for fault in faults:
        letter = known.get(fault.image.image_id)
        if letter is None:
            _write(fault)
        elif letter.code != fault.code:
            # Closed first: an image has one open letter at most.
            close_letters([letter.pk], LetterStatus.REPLACED, event="failed_again", message=_message(fault))
            write_child(letter, particulars=_particulars(fault), code=fault.code, message=_message(fault))


def _write(fault: NotCopied) -> None:
    image = fault.image
    write_letter(
        {"kind": LetterKind.IMAGE, "status": LetterStatus.OPEN, "record_id": image.image_id},
        particulars=_particulars(fault),
        job_id=image.job_pk,
        source=f"{image.bucket}/{image.key}@{image.version}",
        code=fault.code,
        message=_message(fault),
        transaction_id=transaction_of(image),
        trace_id=image.trace_id,
        user_id=image.user_id,
    )


def _particulars(fault: NotCopied) -> tuple[str, ...]:
    return (fault.image.key, fault.image.image_id)


def _message(fault: NotCopied) -> str:
    return (
        f"The image could not be moved, and nothing was deleted: {fault.error} Its transaction is written all the same."
        " Put the cause right, then move it again from the image's page."
    )

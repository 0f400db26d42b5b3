"""An image letter: the image is to be moved again, and the letter is resolved when it was."""

from __future__ import annotations

from django.db import transaction

from batches.letters.became import Became, put_right, skipped
from batches.models import DeadLetter, ImageUpload
from batches.moves.decide import AGAIN, return_to
from batches.moves.wake import wake_movers
from batches.states import UploadStatus


def put_back_image(letter: DeadLetter) -> Became:
    upload = ImageUpload.objects.filter(image_id=letter.record_id).first()
    if upload is None:
        return skipped(f"Nothing is known of image {letter.record_id} any more: discard the letter.")
    with transaction.atomic():
        again = return_to([upload.pk], AGAIN)
        transaction.on_commit(wake_movers)
    if again or upload.status in (UploadStatus.DUE, UploadStatus.COPIED):
        return put_right("due", "The image is moved again; should it fail again, a new letter says why.")
    return skipped(f"The image is {upload.get_status_display().lower()} by now: nothing is left to move.")

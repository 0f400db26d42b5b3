"""An event letter: the object it was about is received again."""

from __future__ import annotations

from batches.letters.became import Became, put_right, unreadable
from batches.models import DeadLetter, ResultFile
from batches.pipeline.receive import receive
from batches.states import ItemStatus
from storage.port import ObjectMissing

DOOR = "redrive"


def put_back_event(letter: DeadLetter) -> Became:
    bucket, _, rest = letter.source.partition("/")
    key = rest.rpartition("@")[0]
    if not (bucket and key):
        return unreadable("The letter does not say which object it was about.")
    try:
        received = receive(bucket, key, door=DOOR)
    except ObjectMissing as fault:
        return unreadable(f"{fault} Put the object back, or discard the letter.")
    if isinstance(received, DeadLetter):
        same = received.code == letter.code
        return Became(ItemStatus.FAILED, "failed_again", received.message, same_reason=same)
    if isinstance(received, ResultFile):
        return put_right("received", f"{key} was received, as file {received.pk} of job {received.job.job_id}.")
    return put_right("received", f"{key} was read.")

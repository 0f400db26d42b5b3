"""A file letter: if another version of the object is there by now, that one is received."""

from __future__ import annotations

from batches.letters.became import Became, put_right, skipped, unreadable
from batches.letters.put_back_event import DOOR
from batches.models import DeadLetter, ResultFile
from batches.pipeline.receive import receive_for
from storage import result_storage
from storage.port import ObjectMissing


def put_back_file(letter: DeadLetter) -> Became:
    file = ResultFile.objects.select_related("job").get(letters=letter)
    try:
        stat = result_storage(file.bucket).stat(file.key)
    except ObjectMissing as fault:
        return unreadable(f"{fault} Put the file back and redrive the letter, or discard it.")
    if stat.version == file.version:
        return skipped(
            f"{file.key} is still the object that was taken in, and nothing of it is left to read: replace it by a"
            " complete one and redrive the letter, or discard it."
        )
    received = receive_for(file.job, file.bucket, file.key, stat, door=DOOR)
    return put_right("received", f"Another version of {file.key} was received, as file {received.pk}.")

"""Whether a storage answers. Nothing is read and nothing is written."""

from __future__ import annotations

import os
from pathlib import Path

from storage.filesystem import RangedFileStorage
from storage.port import ResultStorage, StorageAway

# There is none, and that is an answer: one request, where HEAD could not tell a missing object from a missing bucket.
NOTHING = "batch-output/.health"


def assure_reachable(storage: ResultStorage) -> None:
    """StorageFault when it does not answer, or does not let us in."""
    if isinstance(storage, RangedFileStorage):
        _assure_folder(Path(storage.location))
    else:
        next(iter(storage.listing(NOTHING)), None)


def _assure_folder(folder: Path) -> None:
    # It is made with the first file: until then what counts is that it can be.
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StorageAway("The storage folder cannot be written to.")

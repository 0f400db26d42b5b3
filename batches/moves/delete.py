"""Delete the sources of verified copies, many in one request."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from batches.moves.copy import Copied
from batches.moves.retry import PAUSES, rest
from storage.port import ObjectMissing, ResultStorage, StorageFault


def delete_sources(copies: Sequence[Copied], storages: dict[str, ResultStorage]) -> dict[int, StorageFault]:
    """The faults of those whose source is still there, by the image's number. One that is gone already is no fault."""
    faults: dict[int, StorageFault] = {}
    by_bucket = sorted(copies, key=lambda copied: copied.image.bucket)
    for bucket, group in groupby(by_bucket, key=lambda copied: copied.image.bucket):
        keys = {copied.image.key: copied.image.pk for copied in group}
        left = _tried(storages[bucket], list(keys))
        faults |= {keys[key]: fault for key, fault in left.items()}
    return faults


def _tried(storage: ResultStorage, keys: list[str]) -> dict[str, StorageFault]:
    """Those that could not be deleted in three tries; one that is refused is tried once."""
    refused: dict[str, StorageFault] = {}
    passing: dict[str, StorageFault] = {}
    for pause in PAUSES:
        faults = storage.remove(keys)
        refused |= {key: fault for key, fault in faults.items() if not fault.retryable}
        passing = {key: fault for key, fault in faults.items() if fault.retryable}
        if not passing:
            return refused
        keys = list(passing)
        rest(pause)
    return refused | {key: fault for key, fault in passing.items() if not _gone(storage, key)}


def _gone(storage: ResultStorage, key: str) -> bool:
    # A deletion that was cut off may have been carried out.
    try:
        storage.fingerprint(key)
    except ObjectMissing:
        return True
    except StorageFault:
        return False
    return False

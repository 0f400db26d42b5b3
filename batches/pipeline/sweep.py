"""Look through the prefixes for objects that no event announced.

A prefix of any size: one sweep looks at `SWEEP_KEYS` keys of it, the next one goes on behind them, and a page of keys
is all that is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError

from batches.layout import MANIFEST, is_folder, place_of, result_key
from batches.models import DeadLetter, ImageUpload, Job, ResultFile
from batches.pipeline import sweep_cursor
from batches.pipeline.receive import UNKNOWN_JOB_CODE, receive, source_of
from batches.pipeline.receive_image import Received, receive_image
from batches.states import LetterKind
from monitoring import telemetry
from storage import result_storage
from storage.port import Listed, ObjectMissing, ResultStorage, Stat

KEYS_PER_LOOK = 500
# A bucket full of unknown images must not keep the result files waiting: each image is a request.
MOST_NEW = 1_000


class Door(NamedTuple):
    """A prefix: which objects of a page are not known, and the verb that takes one in (was it new?)."""

    prefix: str
    unknown: Callable[[str, list[Listed]], list[Listed]]
    receive: Callable[[str, Listed], bool]


def sweep() -> int:
    """Receive what is in storage and not in the database, and return how many objects that was."""
    storage = result_storage()
    doors = (
        Door(settings.RESULT_PREFIX, _unknown_results, _receive_result),
        Door(settings.UPLOAD_PREFIX, _unknown_images, _receive_image),
    )
    return sum(_sweep(storage, door) for door in doors)


def _sweep(storage: ResultStorage, door: Door) -> int:
    """From where the last sweep stopped to the end of the prefix, or as far as one sweep goes."""
    bucket, new, looked = storage.bucket_name, 0, 0
    after = sweep_cursor.position(bucket, door.prefix)
    size = min(KEYS_PER_LOOK, settings.SWEEP_KEYS)
    for page in _pages(storage.listing(door.prefix, after), size):
        looked += len(page)
        new += _look(bucket, door, page)
        if len(page) == size:
            sweep_cursor.move(bucket, door.prefix, after, to=page[-1].key)
            after = page[-1].key
            if looked >= settings.SWEEP_KEYS or new >= MOST_NEW:
                return new
    sweep_cursor.finish(bucket, door.prefix, after)
    return new


def _look(bucket: str, door: Door, page: list[Listed]) -> int:
    objects = [item for item in page if not is_folder(item.key)]
    return sum(_attempt(bucket, door, item) for item in door.unknown(bucket, objects))


def _attempt(bucket: str, door: Door, item: Listed) -> bool:
    try:
        return door.receive(bucket, item)
    except ObjectMissing:  # deleted since it was listed
        return False
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # One object's trouble must not hide the others; it is found again when the sweep comes round.
        telemetry.fault("sweep_failed", prefix=door.prefix)
        return False


def _receive_result(bucket: str, item: Listed) -> bool:
    receive(bucket, item.key, door="sweep", stat=Stat(item.size, item.version))
    return True


def _receive_image(bucket: str, item: Listed) -> bool:
    received = receive_image(bucket, item.key, version=item.version)
    return not isinstance(received, Received) or received.new


def _unknown_results(bucket: str, page: list[Listed]) -> list[Listed]:
    versions = [item.version for item in page]
    keys = [item.key for item in page]
    files = ResultFile.objects.filter(bucket=bucket, key__in=keys, version__in=versions)
    known = set(files.values_list("key", "version"))
    known |= _refused({source_of(bucket, item.key, item.version): item for item in page})
    # By job as well: two jobs' manifests may be the same bytes, and so the same version.
    jobs = Job.objects.filter(manifest_version__in=versions).values_list("job_id", "manifest_version")
    known |= {(result_key(job_id, MANIFEST), version) for job_id, version in jobs}
    return [item for item in page if (item.key, item.version) not in known]


def _unknown_images(bucket: str, page: list[Listed]) -> list[Listed]:
    uploads = ImageUpload.objects.filter(bucket=bucket, key__in=[item.key for item in page])
    known = set(uploads.values_list("key", flat=True))
    unknown = [item for item in page if item.key not in known]
    refused = _refused({source_of(bucket, item.key, item.version): item for item in unknown}) if unknown else set()
    return [item for item in unknown if (item.key, item.version) not in refused]


def _refused(items: dict[str, Listed]) -> set[tuple[str, str]]:
    """Objects a letter is about, except those that came before their job: it may have become known."""
    letters = DeadLetter.objects.filter(kind=LetterKind.EVENT, source__in=items)
    codes = dict(letters.values_list("source", "code"))
    early = {source: place_of(items[source].key) for source, code in codes.items() if code == UNKNOWN_JOB_CODE}
    jobs = Job.objects.filter(job_id__in=[place.job_id for place in early.values() if place])
    arrived = set(jobs.values_list("job_id", flat=True))
    ripe = {source for source, place in early.items() if place and place.job_id in arrived}
    return {(items[source].key, items[source].version) for source in codes.keys() - ripe}


def _pages(items: Iterable[Listed], size: int) -> Iterator[list[Listed]]:
    iterator = iter(items)
    while page := list(islice(iterator, size)):
        yield page

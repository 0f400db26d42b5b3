"""Look through the prefix for objects that no event announced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings

from batches.models import DeadLetter, Job, ResultFile
from batches.pipeline.receive import receive
from batches.states import LetterKind
from batches.storage import result_storage
from batches.storage.port import Listed, ObjectMissing, Stat

KEYS_PER_LOOK = 500


def sweep() -> int:
    """Receive what is in storage and not in the database, and return how many objects that was."""
    storage = result_storage()
    new = 0
    for page in _pages(storage.listing(settings.RESULT_PREFIX)):
        for item in _unknown(storage.bucket, page):
            new += _receive(storage.bucket, item)
    return new


def _receive(bucket: str, item: Listed) -> int:
    try:
        receive(bucket, item.key, door="sweep", stat=Stat(item.size, item.version))
    except ObjectMissing:  # deleted since it was listed
        return 0
    return 1


def _unknown(bucket: str, page: list[Listed]) -> list[Listed]:
    versions = [item.version for item in page]
    keys = [item.key for item in page]
    files = ResultFile.objects.filter(bucket=bucket, key__in=keys, version__in=versions)
    known = set(files.values_list("key", "version"))
    sources = {f"{bucket}/{item.key}@{item.version}": item for item in page}
    letters = DeadLetter.objects.filter(kind=LetterKind.EVENT, source__in=sources)
    known |= {(sources[source].key, sources[source].version) for source in letters.values_list("source", flat=True)}
    manifests = set(Job.objects.filter(manifest_version__in=versions).values_list("manifest_version", flat=True))
    return [item for item in page if (item.key, item.version) not in known and item.version not in manifests]


def _pages(items: Iterable[Listed]) -> Iterator[list[Listed]]:
    iterator = iter(items)
    while page := list(islice(iterator, KEYS_PER_LOOK)):
        yield page

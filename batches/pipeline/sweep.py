"""Look through the prefix for objects that no event announced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings

from batches.layout import MANIFEST, place_of, result_key
from batches.models import DeadLetter, Job, ResultFile
from batches.pipeline.receive import UNKNOWN_JOB_CODE, receive, source_of
from batches.states import LetterKind
from batches.storage import result_storage
from batches.storage.port import Listed, ObjectMissing, Stat

KEYS_PER_LOOK = 500


def sweep() -> int:
    """Receive what is in storage and not in the database, and return how many objects that was."""
    storage = result_storage()
    new = 0
    for page in _pages(storage.listing(settings.RESULT_PREFIX)):
        for item in _unknown(storage.bucket_name, page):
            new += _receive(storage.bucket_name, item)
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
    known |= _refused({source_of(bucket, item.key, item.version): item for item in page})
    # By job as well: two jobs' manifests may be the same bytes, and so the same version.
    jobs = Job.objects.filter(manifest_version__in=versions).values_list("job_id", "manifest_version")
    known |= {(result_key(job_id, MANIFEST), version) for job_id, version in jobs}
    return [item for item in page if (item.key, item.version) not in known]


def _refused(items: dict[str, Listed]) -> set[tuple[str, str]]:
    """Objects a letter is about, except those that came before their job: it may have become known."""
    letters = DeadLetter.objects.filter(kind=LetterKind.EVENT, source__in=items)
    codes = dict(letters.values_list("source", "code"))
    early = {source: place_of(items[source].key) for source, code in codes.items() if code == UNKNOWN_JOB_CODE}
    jobs = Job.objects.filter(job_id__in=[place.job_id for place in early.values() if place])
    arrived = set(jobs.values_list("job_id", flat=True))
    ripe = {source for source, place in early.items() if place and place.job_id in arrived}
    return {(items[source].key, items[source].version) for source in codes.keys() - ripe}


def _pages(items: Iterable[Listed]) -> Iterator[list[Listed]]:
    iterator = iter(items)
    while page := list(islice(iterator, KEYS_PER_LOOK)):
        yield page

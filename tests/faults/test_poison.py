"""A chunk whose worker dies every time becomes poison; the rest goes in; bisecting finds the line."""

from __future__ import annotations

from pytest_django import Settings

from batches import balance
from batches.models import Chunk, DeadLetter, Job
from batches.pipeline.bisect import CannotBisect, bisect_poison
from batches.states import ChunkStatus, LetterKind, LetterStatus
from tests.builders import JOB, ids, image, line, taken_in, transaction_id
from tests.faults.failpoints import POISON
from tests.faults.site import Site, at_rest

LINES = 80
CULPRIT = 50


def a_poisoned_file() -> bytes:
    return b"".join(
        line(image(number), merchant=POISON.decode() if number == CULPRIT else "Kiosk") + b"\n"
        for number in range(LINES)
    )


def allow(attempts: int, site: Site, settings: Settings) -> None:
    site.environment["MAX_ATTEMPTS"] = str(attempts)
    settings.MAX_ATTEMPTS = attempts


def the_open_letter() -> DeadLetter:
    return DeadLetter.objects.get(kind=LetterKind.POISON, status=LetterStatus.OPEN)


def test_a_chunk_that_always_kills_is_given_up_and_its_neighbours_are_not(site: Site, settings: Settings) -> None:
    allow(3, site, settings)
    content = a_poisoned_file()
    taken_in(content)
    site.failpoints.poison()
    site.worker(concurrency=1)

    site.await_rest()

    letter = DeadLetter.objects.get()
    poisoned = Chunk.objects.get(status=ChunkStatus.POISONED)
    assert (letter.kind, letter.offset, letter.length) == ("poison", poisoned.start, poisoned.end - poisoned.start)
    assert poisoned.start <= content.index(POISON) <= poisoned.end
    assert poisoned.attempts == 3
    others = Chunk.objects.exclude(pk=poisoned.pk)
    assert set(others.values_list("status", flat=True)) == {ChunkStatus.DONE}
    # The one beside it when it killed for the first time; from then on it is alone.
    assert others.filter(attempts__gt=1).count() <= 1
    told = balance.of_job(Job.objects.get().pk)
    assert (told.read, told.unread) == (told.inserted, poisoned.end - poisoned.start)


def test_bisecting_finds_the_line_and_takes_in_the_others(site: Site, settings: Settings) -> None:
    allow(2, site, settings)
    settings.CHUNK_BYTES = 1_200  # three or four lines
    content = a_poisoned_file()
    file = taken_in(content)
    site.failpoints.poison()
    site.worker(concurrency=1)
    site.await_rest()

    while _halved(the_open_letter()):
        site.await_rest()

    letter = the_open_letter()
    assert letter.offset is not None
    assert letter.length is not None
    # The range holds one line, and it is the one: everything else has gone in, once.
    line_begins = content.rindex(b"\n", 0, content.index(POISON)) + 1
    assert letter.offset <= line_begins < letter.offset + letter.length
    assert ids() == {transaction_id(image(number), JOB) for number in range(LINES) if number != CULPRIT}
    told = balance.of_job(file.job_id)
    assert (told.read, told.inserted, told.unread, told.size) == (LINES - 1, LINES - 1, letter.length, len(content))


def _halved(letter: DeadLetter) -> bool:
    try:
        bisect_poison(letter.pk)
    except CannotBisect:
        return False
    assert not at_rest()
    return True

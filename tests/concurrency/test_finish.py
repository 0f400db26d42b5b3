"""Two last chunks at once, a file coming in while its job finishes: finished once, and never too early."""

from __future__ import annotations

import random
from functools import partial

import pytest
from django.db.models import F

from batches.models import Job, ResultFile
from batches.pipeline.finish import finish_file
from batches.pipeline.prepare import prepare
from batches.pipeline.recover import recover
from batches.pipeline.work import work, work_on
from batches.pipeline.write import write_chunk
from tests.builders import a_job, claims, counts, ids, ids_of, receipts, status_of, taken_in
from tests.concurrency.racing import PATIENCE, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_chunks")]


def test_two_last_chunks_at_once_finish_the_file() -> None:
    for number in range(5):
        file = taken_in(receipts(range(number * 10, number * 10 + 2)), f"{number}.jsonl")
        *others, last, very_last = claims()
        for claim in others:
            work_on(claim)

        race([partial(work_on, claim) for claim in (last, very_last)])

        file.refresh_from_db()
        assert (file.status, status_of()) == ("finished", "finished")


def test_finishing_is_safe_to_repeat_at_any_time() -> None:
    file = taken_in(receipts(range(4)))
    for claim in claims():
        finish_file(file.pk)
        file.refresh_from_db()
        assert (file.status, status_of()) == ("reading", "running")
        prepared = prepare(claim)
        assert prepared.parsed
        write_chunk(claim, prepared.parsed, prepared.began)
        prepared.close()

    race([lambda: finish_file(file.pk)] * 6)
    file.refresh_from_db()
    finished_at = file.finished_at
    finish_file(file.pk)

    file.refresh_from_db()
    assert (file.status, file.finished_at, status_of()) == ("finished", finished_at, "finished")
    assert counts() == {"inserted": 4}


def test_a_job_is_not_finished_while_another_of_its_files_comes_in() -> None:
    job = a_job()
    for number in range(8):
        taken_in(receipts([number]), f"{number}.jsonl", job)
        late = partial(taken_in, receipts([100 + number]), f"late-{number}.jsonl", job)
        race([work, late])
        reading = ResultFile.objects.filter(status="reading").exists()
        assert (status_of() == "running") == reading

    work()
    assert status_of() == "finished"
    assert ids() == ids_of([*range(8), *range(100, 108)])


def test_a_finished_job_runs_again_for_a_further_file() -> None:
    taken_in(receipts(range(2)))
    work()
    first = Job.objects.get()

    taken_in(receipts(range(2, 4)), "more.jsonl")

    again = Job.objects.get()
    assert (again.status, again.finished_at, again.started_at) == ("running", None, first.started_at)
    work()
    again.refresh_from_db()
    assert again.status == "finished"
    assert again.finished_at > first.finished_at  # type: ignore[operator]


def test_recovering_beside_working_disturbs_nobody() -> None:
    taken_in(receipts(range(30)))

    race([work, work, recover, recover])
    work()

    assert counts() == {"inserted": 30}
    assert status_of() == "finished"


def test_many_files_of_many_jobs_at_once() -> None:
    chance = random.Random(3)
    for number in range(6):
        taken_in(receipts(range(10)), f"{number}.jsonl", a_job(f"job-{chance.randrange(3)}"))

    race([partial(work, PATIENCE)] * 4)

    assert not Job.objects.exclude(status__in=["finished"]).exists()
    assert not ResultFile.objects.exclude(status="finished").exists()
    assert not Job.objects.filter(finished_at__lt=F("started_at")).exists()

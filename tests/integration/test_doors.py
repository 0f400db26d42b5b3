"""Objects that land: by event, by sweep, with or without a known job, once or again."""

from __future__ import annotations

from io import BytesIO

import pytest

from batches.models import DeadLetter, Job, ResultFile
from batches.pipeline import sweep as sweep_step
from batches.pipeline.open_job import Refused, open_job
from batches.pipeline.receive import receive
from batches.pipeline.sweep import sweep
from batches.pipeline.take_in import default_job_id, digest_of, take_in
from storage.port import ObjectMissing
from tests.builders import (
    USER,
    a_job,
    counts,
    ids,
    ids_of,
    ingested,
    landed,
    path_of,
    receipts,
    received,
    run_all,
    status_of,
    the_letter,
)

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "batch-output/job-1/results.jsonl"


def test_an_event_takes_in_what_its_key_names() -> None:
    a_job()
    landed(KEY, receipts(range(3)))

    file = receive("local", KEY, door="event")

    assert isinstance(file, ResultFile)
    assert (file.door, file.job.job_id, file.status) == ("event", "job-1", "reading")
    run_all()
    assert ids() == ids_of(range(3))


def test_an_event_about_what_is_not_there_stays_with_whoever_brought_it() -> None:
    a_job()

    with pytest.raises(ObjectMissing, match="not in storage"):
        receive("local", KEY, door="event")


def test_bedrocks_own_layout() -> None:
    a_job()
    landed("batch-output/job-1/input-0007.jsonl.out", receipts(range(3)))

    assert sweep() == 1
    run_all()

    assert counts() == {"inserted": 3}


def test_the_sweep_finds_what_no_event_announced_and_only_that() -> None:
    a_job()
    for number in range(3):
        landed(f"batch-output/job-1/{number}.jsonl", receipts([number]))
    receive("local", "batch-output/job-1/1.jsonl", door="event")

    assert (sweep(), sweep()) == (2, 0)

    assert dict(ResultFile.objects.values_list("key", "door")) == {
        "batch-output/job-1/0.jsonl": "sweep",
        "batch-output/job-1/1.jsonl": "event",
        "batch-output/job-1/2.jsonl": "sweep",
    }
    run_all()
    assert ids() == ids_of(range(3))


def test_the_sweep_looks_through_more_keys_than_one_look_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_step, "KEYS_PER_LOOK", 3)
    a_job()
    for number in range(8):
        landed(f"batch-output/job-1/{number}.jsonl", receipts([number]))

    assert (sweep(), sweep()) == (8, 0)


def test_a_replaced_object_is_a_second_file() -> None:
    a_job()
    landed(KEY, receipts(range(3)))
    sweep()
    run_all()
    landed(KEY, receipts(range(1, 4)))

    assert sweep() == 1
    run_all()

    assert ResultFile.objects.count() == 2
    assert ids() == ids_of(range(4))
    assert counts() == {"inserted": 4, "unchanged": 2}


def test_the_sweep_writes_a_letter_once_for_what_it_cannot_place() -> None:
    landed("batch-output/nobodys/results.jsonl", receipts([1]))
    landed("batch-output/readme.txt", b"hello")

    assert (sweep(), sweep()) == (2, 0)

    assert set(DeadLetter.objects.values_list("code", flat=True)) == {"unknown_job", "unexpected_key"}


def test_an_object_that_came_before_its_job_was_known_is_taken_in_by_a_later_sweep() -> None:
    landed(KEY, receipts([1]))
    sweep()
    assert the_letter().code == "unknown_job"
    a_job()

    assert sweep() == 1


def test_an_object_that_cannot_be_placed_does_not_hold_up_the_others() -> None:
    a_job()
    landed("batch-output/a.txt", b"")
    landed(KEY, receipts([1]))
    landed("batch-output/zzz/results.jsonl", receipts([1]))

    assert sweep() == 3
    run_all()

    assert ids() == ids_of([1])


def test_a_file_that_is_still_being_written_is_not_swept() -> None:
    a_job()
    landed(KEY, receipts([1]))
    path_of(ResultFile(key=KEY)).with_name(".half.jsonl.partial").write_bytes(b"{")

    assert sweep() == 1


MANIFEST = (
    b'{"totalRecordCount": 5, "processedRecordCount": 5, "successRecordCount": 4, "errorRecordCount": 1, "more": []}'
)
MANIFEST_KEY = "batch-output/job-1/manifest.json.out"


@pytest.mark.parametrize("manifest_first", [True, False])
def test_the_manifest_is_kept_whenever_it_comes(manifest_first: bool) -> None:
    a_job()
    keys = [(MANIFEST_KEY, MANIFEST), (KEY, receipts(range(4)))]
    for key, content in keys if manifest_first else keys[::-1]:
        landed(key, content)
        receive("local", key, door="event")
        run_all()

    job = Job.objects.get()
    assert job.manifest == {
        "totalRecordCount": 5,
        "processedRecordCount": 5,
        "successRecordCount": 4,
        "errorRecordCount": 1,
        "inputTokenCount": None,
        "outputTokenCount": None,
    }
    assert status_of() == "finished"
    assert ResultFile.objects.count() == 1
    assert sweep() == 0


BAD_MANIFESTS = {
    "not JSON": b"{",
    "empty": b"",
    "no counts": b"{}",
    "a list": b"[]",
    "text for a number": b'{"totalRecordCount": "5", "successRecordCount": 5, "errorRecordCount": 0}',
    "invalid UTF-8": b'{"\xff\xfe": 1}',
    "UTF-16": MANIFEST.decode().encode("utf-16"),
    "nested deeply": b'{"more":' * 100_000,
    "too long": b'{"more": "' + b"x" * 2**21 + b'"}',
}


@pytest.mark.parametrize("content", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_a_manifest_that_cannot_be_read_is_said_and_costs_nothing_else(content: bytes) -> None:
    a_job()
    landed(MANIFEST_KEY, content)
    landed(KEY, receipts(range(4)))

    sweep()
    run_all()

    job = Job.objects.get()
    assert job.manifest is not None
    assert job.manifest["fault"].startswith("The manifest cannot be read: ")
    assert counts() == {"inserted": 4}
    assert sweep() == 0


def test_a_manifest_that_is_written_again_is_read_again() -> None:
    a_job()
    landed(MANIFEST_KEY, b"{}")
    sweep()
    landed(MANIFEST_KEY, MANIFEST)

    assert (sweep(), sweep()) == (1, 0)

    job = Job.objects.get()
    assert job.manifest is not None
    assert job.manifest["totalRecordCount"] == 5


def test_what_is_stored_by_a_person_is_named_by_its_content() -> None:
    job = a_job()

    file = take_in(job, "My receipts (1).jsonl", BytesIO(receipts([1])), door="upload")

    digest = digest_of(BytesIO(receipts([1])))
    assert file.key == f"batch-output/job-1/{digest[:12]}-My-receipts-1-.jsonl"
    assert file.door == "upload"


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "日本.jsonl", ".hidden", "x" * 300, "a\0b", "-"])
def test_any_name_makes_a_key_that_can_be_placed(name: str) -> None:
    ingested(receipts([1]), name)

    assert ids() == ids_of([1])
    file = ResultFile.objects.get()
    assert receive("local", file.key, door="event") == file


def test_the_job_of_nameless_files_is_made_from_their_content() -> None:
    assert default_job_id(["b", "a"]) == default_job_id(["a", "b"]) != default_job_id(["a"])


def test_opening_a_job_again_is_the_same_job() -> None:
    first = open_job("job-1", kind="receipts", user_id=USER, intent_id="intent-1", model_id="nova")

    assert open_job("job-1", kind="receipts", user_id=USER) == first
    assert open_job("job-1", kind="receipts", user_id=USER, intent_id="intent-1") == first
    assert (first.trace_id, first.intent_id) == (Job.objects.get().trace_id, "intent-1")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"user_id": "user-2"}, "exists with user_id 'user-1', not 'user-2'"),
        ({"intent_id": "intent-2"}, "exists with intent_id 'intent-1', not 'intent-2'"),
        ({"job_id": "job-2"}, "Intent 'intent-1' already belongs to another job."),
        ({"kind": "photos"}, "Kind 'photos' is not known: use one of receipts"),
        ({"job_id": "../x"}, "Job id '../x' is not usable"),
        ({"job_id": ""}, "is not usable"),
        ({"job_id": "j" * 201}, "is not usable"),
        ({"job_id": "job 1"}, "is not usable"),
        ({"job_id": "ジョブ"}, "is not usable"),
        ({"job_id": "job-1\n"}, "is not usable"),
    ],
)
def test_a_job_that_contradicts_a_known_one_is_refused(asked: dict[str, str], says: str) -> None:
    known = {"job_id": "job-1", "kind": "receipts", "user_id": USER, "intent_id": "intent-1"}
    open_job(**known)

    with pytest.raises(Refused) as refused:
        open_job(**(known | asked))

    assert says in str(refused.value)
    assert Job.objects.count() == 1


def test_a_file_belongs_to_the_job_it_was_first_taken_in_for() -> None:
    first, second = a_job("job-1"), a_job("job-2")
    landed(KEY, receipts([1]))
    file = received(first, KEY)

    again = received(second, KEY)

    assert again == file
    assert again.job == first
    assert not second.files.exists()

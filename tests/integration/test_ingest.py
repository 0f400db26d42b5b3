"""`manage.py ingest`: what it takes in, what it prints, and its exit code."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from batches.models import Job, ResultFile
from batches.pipeline import await_job
from tests.builders import (
    balance_of,
    counts,
    error_line,
    ids,
    ids_of,
    image,
    jsonl,
    landed,
    receipts,
    run_all,
    status_of,
    transaction_id,
)

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = [
    "job",
    "status",
    "read",
    "inserted",
    "updated",
    "unchanged",
    "superseded",
    "dead",
    "pending",
    "seconds",
    "files",
]


@pytest.fixture(autouse=True)
def _ask_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a broker in memory no worker can answer; there is no use in waiting a second for it."""
    monkeypatch.setattr(await_job, "PATIENCE", 0.01)


def ingest(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and standard output, in this process."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("ingest", *map(str, arguments), stdout=out)
    assert isinstance(exit.value.code, int)
    return exit.value.code, out.getvalue()


def told(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, output = ingest(*arguments, "--json")
    assert output.count("\n") == 1
    return code, json.loads(output)


def refused(*arguments: str | Path) -> str:
    with pytest.raises(CommandError) as error:
        call_command("ingest", *map(str, arguments), stdout=io.StringIO())
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_bytes(receipts(range(10)))
    return path


def test_a_file_all_in(results: Path) -> None:
    code, result = told(results, "--job", "job-1", "--wait")

    assert code == 0
    assert list(result) == KEYS
    assert {name: result[name] for name in KEYS[:9]} == {
        "job": "job-1",
        "status": "finished",
        "read": 10,
        "inserted": 10,
        "updated": 0,
        "unchanged": 0,
        "superseded": 0,
        "dead": 0,
        "pending": 0,
    }
    assert [(file["status"], file["read"]) for file in result["files"]] == [("finished", 10)]
    assert isinstance(result["seconds"], float)
    assert ids() == ids_of(range(10))


def test_dead_letters_are_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(receipts(range(3)) + jsonl([error_line(image(9)), b"null"]))

    code, result = told(path, "--job", "job-1", "--wait")

    assert (code, result["status"]) == (1, "with_letters")
    assert (result["read"], result["inserted"], result["dead"]) == (5, 3, 2)


def test_without_wait_everything_received_is_exit_code_0(results: Path) -> None:
    code, result = told(results, "--job", "job-1")

    assert (code, result["status"], result["read"]) == (0, "running", 0)
    assert result["pending"] == results.stat().st_size
    run_all()
    assert counts() == {"inserted": 10}


def test_for_people_it_is_one_sentence_with_the_balance(results: Path) -> None:
    code, output = ingest(results, "--job", "job-1", "--wait")

    assert code == 0
    balance = "10 read = 10 inserted + 0 updated + 0 unchanged + 0 superseded + 0 dead."
    assert output.startswith(f"Job job-1: finished. {balance}")


def test_twice_changes_nothing(results: Path) -> None:
    told(results, "--job", "job-1", "--wait")
    before = list(Job.objects.values()), list(ResultFile.objects.values())

    code, result = told(results, "--job", "job-1", "--wait")

    assert (code, result["read"], result["inserted"]) == (0, 10, 10)
    assert (list(Job.objects.values()), list(ResultFile.objects.values())) == before


def test_without_a_job_the_content_names_it(results: Path) -> None:
    _, first = told(results, "--wait")
    _, second = told(results, "--wait")

    assert first["job"] == second["job"]
    assert first["job"].startswith("file-")
    assert ids() == ids_of(range(10), first["job"])
    assert Job.objects.get().user_id == "operator"


def test_a_new_job_gets_its_user_and_intent(results: Path) -> None:
    told(results, "--job", "job-1", "--user", "device-7", "--intent", "intent-1", "--wait")
    told(results, "--job", "job-1", "--wait")

    job = Job.objects.get()
    assert (job.user_id, job.intent_id, job.kind) == ("device-7", "intent-1", "receipts")


def test_a_folder_with_its_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.jsonl.out").write_bytes(receipts(range(5)))
    (folder / "deeper" / "b.jsonl.gz").write_bytes(gzip.compress(receipts(range(5, 9))))
    (folder / "manifest.json.out").write_bytes(
        b'{"totalRecordCount": 9, "successRecordCount": 9, "errorRecordCount": 0}'
    )
    (folder / "notes.txt").write_text("not a result")
    (folder / ".hidden.jsonl").write_bytes(receipts([77]))

    code, result = told(folder, "--job", "job-1", "--wait")

    assert (code, result["read"], len(result["files"])) == (0, 9, 2)
    assert ids() == ids_of(range(9))
    manifest = Job.objects.get().manifest
    assert manifest is not None
    assert manifest["totalRecordCount"] == result["read"]


def test_several_paths_are_one_job(tmp_path: Path, results: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(receipts(range(5, 15)))

    code, result = told(results, other, "--job", "job-1", "--wait")

    assert (code, result["inserted"], result["unchanged"]) == (0, 15, 5)
    assert [file["read"] for file in result["files"]] == [10, 10]


def test_an_object_that_lies_in_storage_belongs_to_the_job_of_its_key() -> None:
    landed("batch-output/job-1/a?b#c.jsonl", receipts(range(3)))

    code, result = told("s3://local/batch-output/job-1/a?b#c.jsonl", "--wait")

    assert (code, result["job"], result["inserted"]) == (0, "job-1", 3)


def test_an_object_of_another_job_is_refused() -> None:
    landed("batch-output/job-1/a.jsonl", receipts([1]))
    told("s3://local/batch-output/job-1/a.jsonl", "--wait")

    sentence = refused("s3://local/batch-output/job-1/a.jsonl", "--job", "job-2", "--wait")

    assert "was taken in for job job-1 already" in sentence
    assert ids() == {transaction_id(image(1), "job-1")}


def test_an_empty_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()

    code, result = told(path, "--job", "job-1", "--wait")

    assert (code, result["status"], result["read"]) == (1, "with_letters", 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl is neither a file nor a folder."),
        (["{empty}"], "holds no result file (*.jsonl, *.jsonl.gz, *.jsonl.out)."),
        (["{results}", "--job", "no good"], "Job id 'no good' is not usable"),
        (["{results}", "--job", "known", "--user", "other"], "exists with user_id 'operator', not 'other'"),
        (["{results}", "--job", "job-9", "--intent", "known"], "Intent 'known' already belongs to another job."),
        (["s3://local/elsewhere/a.jsonl"], "say which with --job"),
        (["s3://local/batch-output/job-1/a.jsonl", "{results}"], "say which with --job"),
        (["s3://local/batch-output/job-1/a.jsonl"], "is not in storage"),
        (["{loop}"], "neither a file nor a folder"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_exit_code_2(
    arguments: list[str], says: str, tmp_path: Path, results: Path
) -> None:
    told(results, "--job", "known", "--wait")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    places = {"results": results, "empty": tmp_path / "empty", "loop": tmp_path / "loop"}

    assert says in refused(*(argument.format(**places) for argument in arguments), "--wait", "--json")

    assert ids() == ids_of(range(10), "known")


def test_storage_that_cannot_be_written_is_one_sentence(results: Path, storage_folder: Path) -> None:
    (storage_folder / "batch-output").symlink_to(storage_folder / "unmounted" / "disk")

    assert "could not be written" in refused(results, "--job", "job-1")
    assert not ResultFile.objects.exists()


def test_a_job_that_is_wanted_from_another_kind_of_result_is_refused(results: Path) -> None:
    with pytest.raises(CommandError, match="invalid choice: 'photos'"):
        call_command("ingest", str(results), "--kind", "photos")


def test_a_file_that_vanishes_is_told(results: Path, storage_folder: Path) -> None:
    told(results, "--job", "job-1")
    next(storage_folder.rglob("*.jsonl")).unlink()

    code, result = told(results, "--job", "job-1", "--wait")

    assert code == 1 or result["status"] == "finished"
    assert status_of() in {"failed", "finished", "with_letters"}
    assert balance_of().pending == 0

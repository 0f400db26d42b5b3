"""`manage.py ingest` as it is run: a process of its own, with pipes, without a worker, beside its like."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from batches.models import ResultFile
from tests.builders import balance_of, counts, error_line, ids, ids_of, image, jsonl, receipts, status_of
from tests.integration.processes import PATIENCE, manage, started, the_object

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_bytes(receipts(range(200)))
    return path


def test_with_no_worker_alive_it_does_the_work_itself_and_says_so(environment: dict[str, str], results: Path) -> None:
    done = manage(environment, "ingest", str(results), "--job", "job-1", "--wait")

    assert done.returncode == 0, done.stderr
    assert b"No worker answers: the work is done in this process." in done.stderr
    assert done.stdout.startswith(b"Job job-1: finished. 200 read = 200 inserted")
    assert ids() == ids_of(range(200))


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_to_one_object_on_standard_output(packed: bool, environment: dict[str, str]) -> None:
    content = receipts(range(50)) + jsonl([error_line(image(99))])

    done = manage(
        environment,
        "ingest",
        "-",
        "--job",
        "job-1",
        "--wait",
        "--json",
        stdin=gzip.compress(content) if packed else content,
    )

    result = the_object(done.stdout)
    assert (done.returncode, result["status"]) == (1, "with_letters")
    assert (result["read"], result["inserted"], result["dead"]) == (51, 50, 1)
    assert ids() == ids_of(range(50))


def test_what_could_not_run_leaves_standard_output_empty(environment: dict[str, str]) -> None:
    done = manage(environment, "ingest", "nowhere.jsonl", "--wait", "--json")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().strip() == "CommandError: nowhere.jsonl is neither a file nor a folder."


def test_a_database_that_is_away_is_one_sentence(environment: dict[str, str], results: Path) -> None:
    away = environment | {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/nightshelf"}

    done = manage(away, "ingest", str(results), "--wait", "--json")

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"The database does not answer" in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://guest:guest@127.0.0.1:1//"])
def test_a_broker_that_is_away_costs_nothing_but_a_warning(
    broker: str, environment: dict[str, str], results: Path
) -> None:
    done = manage(
        environment | {"CELERY_BROKER_URL": broker}, "ingest", str(results), "--job", "job-1", "--wait", "--json"
    )

    assert done.returncode == 0, done.stderr
    assert the_object(done.stdout)["inserted"] == 200
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert set(events) == {"broker_away"}


def test_two_at_once_take_the_same_file_in_once(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(receipts(range(3000)))
    both = [
        started(environment | {"CHUNK_BYTES": "50000"}, "ingest", str(path), "--job", "job-1", "--wait", "--json")
        for _ in range(2)
    ]

    outputs = [process.communicate(timeout=PATIENCE) for process in both]

    assert [process.returncode for process in both] == [0, 0], outputs
    for output, _ in outputs:
        assert the_object(output)["read"] == 3000
    assert ResultFile.objects.count() == 1
    assert counts() == {"inserted": 3000}
    assert ids() == ids_of(range(3000))
    assert status_of() == "finished"


def test_a_killed_one_is_taken_over_by_the_next(environment: dict[str, str], tmp_path: Path) -> None:
    """Killed as soon as something is counted: nothing lost, nothing doubled."""
    path = tmp_path / "results.jsonl"
    path.write_bytes(receipts(range(4000)))
    environment |= {"CHUNK_BYTES": "20000", "LEASE_SECONDS": "2"}
    first = started(environment, "ingest", str(path), "--job", "job-1", "--wait")
    _wait_for_rows()
    first.kill()
    first.communicate()

    done = manage(environment, "ingest", str(path), "--job", "job-1", "--wait", "--json")

    assert done.returncode == 0, done.stderr
    assert the_object(done.stdout)["inserted"] == 4000
    assert ids() == ids_of(range(4000))
    assert balance_of().read == 4000


def _wait_for_rows() -> None:
    import time

    deadline = time.monotonic() + PATIENCE
    while not ids():
        assert time.monotonic() < deadline
        time.sleep(0.01)

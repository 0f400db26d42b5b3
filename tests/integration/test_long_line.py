"""A line of 50 MB, a file that unpacks to much more than it is: memory stays flat, the rest goes in."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from tests.builders import ids, ids_of, image, jsonl, line, line_in_file, receipts, status_of, the_letter
from tests.integration.processes import manage, the_object

pytestmark = pytest.mark.django_db(transaction=True)

MOST_MEMORY = 150 * 2**20
# Runs manage.py below itself and tells on standard error how much memory it had at most.
MEASURE = (
    sys.executable,
    "-c",
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode;"
    "sys.stderr.write('peak %d' % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)); sys.exit(code)",
)


def peak(output: bytes) -> int:
    return int(output.rsplit(b"peak ", 1)[1])


def with_image(size: int) -> bytes:
    """A line that repeats its request, image included, as `modelInput` does."""
    return line(image(5))[:-1] + b', "modelInput": "' + b"QUJD" * (size // 4) + b'"}'


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_50_mb_is_one_letter(packed: bool, environment: dict[str, str], tmp_path: Path) -> None:
    content = jsonl([line(image(1)), line(image(2)), with_image(50 * 2**20), line(image(4))])
    path = tmp_path / ("results.jsonl.gz" if packed else "results.jsonl")
    path.write_bytes(gzip.compress(content, 1) if packed else content)

    done = manage(environment, "ingest", str(path), "--job", "job-1", "--wait", "--json", prefix=MEASURE)

    result = the_object(done.stdout)
    assert (done.returncode, result["read"], result["inserted"], result["dead"]) == (1, 4, 3, 1)
    assert ids() == ids_of([1, 2, 4])
    letter = the_letter()
    assert (letter.code, line_in_file(letter)) == ("line_too_long", 3)
    assert "has 52," in letter.message
    assert "at most 33,554,432 are read" in letter.message
    assert len(letter.excerpt) <= 500
    assert status_of() == "with_letters"
    assert peak(done.stderr) < MOST_MEMORY


def test_a_line_of_20_mb_goes_in(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(jsonl([line(image(1)), with_image(20 * 2**20), line(image(2))]))

    done = manage(environment, "ingest", str(path), "--job", "job-1", "--wait", "--json", prefix=MEASURE)

    assert done.returncode == 0, done.stderr
    assert ids() == ids_of([1, 2, 5])
    assert peak(done.stderr) < 2 * MOST_MEMORY  # the line, and its decoding


def test_a_file_that_unpacks_to_a_hundred_times_its_size(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl.gz"
    path.write_bytes(gzip.compress(receipts(range(30_000)) + b" " * 100 * 2**20 + b"\n" + receipts([30_000]), 1))

    done = manage(environment, "ingest", str(path), "--job", "job-1", "--wait", "--json", prefix=MEASURE)

    assert the_object(done.stdout)["inserted"] == 30_001
    assert peak(done.stderr) < MOST_MEMORY + 64 * 2**20

"""Files that are odd as a whole: what can be read goes in, and the job says what could not (Y2, Y13)."""

from __future__ import annotations

import gzip

import pytest
from pytest_django import Settings

from batches.models import Chunk, DeadLetter, ResultFile, Transaction
from batches.pipeline.receive import receive
from tests.builders import (
    a_job,
    balance_of,
    counts,
    ids,
    ids_of,
    image,
    ingested,
    jsonl,
    landed,
    line,
    receipts,
    run_all,
    status_of,
    taken_in,
    the_letter,
)

pytestmark = pytest.mark.django_db(transaction=True)

BOM = b"\xef\xbb\xbf"


def test_an_empty_file_is_finished_and_said_to_be_empty() -> None:
    file = ingested(b"")

    letter = the_letter()
    assert (letter.kind, letter.file, letter.code) == ("file", file, "empty_file")
    assert file.key in letter.message
    assert "is empty (0 bytes)" in letter.message
    assert (file.status, status_of()) == ("finished", "with_letters")
    assert counts() == {}


@pytest.mark.parametrize("content", [b"\n", b"\r\n \n\t\n\n", BOM, BOM + b"\n"])
def test_a_file_of_blank_lines_has_no_lines(content: bytes) -> None:
    file = ingested(content)

    assert (file.status, status_of()) == ("finished", "finished")
    assert counts() == {}
    assert balance_of().read == 0


LAYOUTS = {
    "plain": receipts(range(5)),
    "no final newline": receipts(range(5)).rstrip(b"\n"),
    "CRLF": jsonl((line(image(number)) for number in range(5)), end=b"\r\n"),
    "CRLF without a final one": jsonl((line(image(number)) for number in range(5)), end=b"\r\n")[:-2],
    "BOM": BOM + receipts(range(5)),
    "blank lines between": receipts(range(5)).replace(b"\n", b"\n\n \r\n"),
    "BOM and CRLF": BOM + jsonl((line(image(number)) for number in range(5)), end=b"\r\n"),
}


@pytest.mark.parametrize("chunk_bytes", [97, 443, 8 * 2**20])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_a_file_does_not_matter(layout: str, chunk_bytes: int, settings: Settings) -> None:
    settings.CHUNK_BYTES = chunk_bytes

    ingested(LAYOUTS[layout])

    assert ids() == ids_of(range(5))
    assert counts() == {"inserted": 5}
    assert status_of() == "finished"


def test_utf_16_is_told_from_damage() -> None:
    ingested(receipts(range(2)).decode().encode("utf-16"))

    assert ids() == set()
    assert "UTF-8" in " ".join(DeadLetter.objects.values_list("message", flat=True))
    assert counts()["dead"] == balance_of().read > 0


@pytest.mark.parametrize("name", ["results.jsonl.gz", "results.jsonl.gz.out", "results", "results.jsonl"])
def test_a_gzip_file_is_known_by_its_content(name: str, settings: Settings) -> None:
    settings.CHUNK_BYTES = 100

    file = ingested(gzip.compress(receipts(range(50))), name)

    assert file.compressed
    assert Chunk.objects.filter(file=file).count() == 1
    assert ids() == ids_of(range(50))
    assert status_of() == "finished"


def test_gzip_members_one_after_the_other_are_one_file() -> None:
    ingested(gzip.compress(receipts(range(3))) + gzip.compress(receipts(range(3, 7))), "results.jsonl.gz")

    assert ids() == ids_of(range(7))


def test_a_gzip_file_that_ends_early_gives_its_whole_lines() -> None:
    content = b"".join(line(image(number), description=f"{number * 7919:x}") + b"\n" for number in range(1000))
    whole = gzip.compress(content)

    file = ingested(whole[: len(whole) // 2], "results.jsonl.gz")

    letter = the_letter()
    came = Transaction.objects.count()
    assert (letter.kind, letter.file, letter.code) == ("file", file, "truncated_gzip")
    assert "ends before its data does" in letter.message
    assert f"{came} lines could be read" in letter.message
    assert 0 < came < 1000
    assert ids() == ids_of(range(came))
    assert counts() == {"inserted": came}
    assert (file.status, status_of()) == ("finished", "with_letters")


def test_a_damaged_gzip_file_gives_what_is_before_the_damage() -> None:
    whole = gzip.compress(receipts(range(20)))

    file = ingested(whole[:-8] + b"\0\0\0\0" + whole[-4:], "results.jsonl.gz")

    letter = the_letter(code="corrupt_gzip")
    assert (letter.kind, letter.file) == ("file", file)
    assert "damaged" in letter.message
    assert balance_of().read == len(ids())
    assert status_of() == "with_letters"


def test_a_gzip_name_on_plain_text_is_said() -> None:
    ingested(receipts(range(3)), "results.jsonl.gz")

    assert the_letter().code == "corrupt_gzip"
    assert counts() == {}
    assert status_of() == "with_letters"


KEYS = [
    "batch-output/results.jsonl",
    "batch-output/job-1/deeper/results.jsonl",
    "batch-output/job-1/results.csv",
    "batch-output/.hidden/results.jsonl",
    f"batch-output/{'j' * 201}/results.jsonl",
    "batch-output/job 1/results.jsonl",
    "elsewhere/job-1/results.jsonl",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_another_form_is_one_letter_and_no_file(key: str) -> None:
    a_job()
    landed(key, receipts(range(3)))

    receive("local", key, door="event")
    receive("local", key, door="event")

    letter = the_letter()
    assert (letter.kind, letter.code, letter.job) == ("event", "unexpected_key", None)
    assert key in letter.message
    assert "batch-output/{job}/{file}.jsonl" in letter.message
    assert letter.source.startswith(f"local/{key}@")
    assert not ResultFile.objects.exists()


def test_an_unknown_job_is_one_letter_that_tells_the_command() -> None:
    key = "batch-output/nobodys/results.jsonl"
    landed(key, receipts(range(3)))

    receive("local", key, door="event")
    receive("local", key, door="event")

    letter = the_letter()
    assert (letter.kind, letter.code) == ("event", "unknown_job")
    assert f"manage.py ingest s3://local/{key} --job nobodys" in letter.message
    assert not ResultFile.objects.exists()


def test_bad_files_do_not_hold_up_good_ones_of_the_same_job() -> None:
    job = a_job()
    for name, content in {"empty": b"", "good": receipts(range(3)), "cut.gz": b"\x1f\x8b\x08"}.items():
        taken_in(content, name, job)

    run_all()

    assert ids() == ids_of(range(3))
    assert set(ResultFile.objects.values_list("status", flat=True)) == {"finished"}
    assert set(DeadLetter.objects.values_list("code", flat=True)) == {"empty_file", "truncated_gzip"}
    assert status_of() == "with_letters"

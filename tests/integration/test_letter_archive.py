"""Retention: letters that were closed long ago lie in storage, whole, and only then leave the database."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from batches.letters.archive import archive
from batches.letters.close import close_letters
from batches.letters.write_letter import write_child
from batches.models import DeadLetter, LetterEvent, LetterGroup, PatchRule, Redrive, RedriveItem
from batches.pipeline.receive import receive
from batches.pipeline.sweep import sweep
from batches.states import LetterStatus
from storage import result_storage
from storage.port import StorageAway
from tests.builders import JOB, a_job, error_line, image, ingested, jsonl, landed
from tests.integration.pages import person
from tests.integration.processes import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)
LONG = timedelta(days=92)
DIE = """
import os, signal, django
django.setup()
from batches.letters import archive
archive._delete = lambda ids: os.kill(os.getpid(), signal.SIGKILL)
archive.archive()
"""


def closed(count: int = 3, ago: timedelta = LONG, **more: Any) -> list[int]:
    ingested(jsonl([error_line(image(at)) for at in range(count)]), **more)
    ids = list(DeadLetter.objects.filter(status="open").order_by("pk").values_list("pk", flat=True))
    close(ids, ago=ago)
    return ids


def close(ids: list[int], status: LetterStatus = LetterStatus.RESOLVED, ago: timedelta = LONG) -> None:
    with transaction.atomic():
        close_letters(ids, status, event=str(status), message="why")
    DeadLetter.objects.filter(pk__in=ids).update(closed_at=F("closed_at") - ago)


def archived(folder: Path) -> dict[str, list[dict[str, Any]]]:
    paths = sorted((folder / "dead-letters").rglob("*.json"))
    return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in paths}


def test_a_letter_is_in_storage_by_the_names_of_the_documents(storage_folder: Path) -> None:
    (pk,) = closed(1)
    letter = DeadLetter.objects.get()

    assert archive() == 1

    assert not DeadLetter.objects.exists()
    assert not LetterEvent.objects.exists()
    ((key, (told,)),) = archived(storage_folder).items()
    assert key == f"dead-letters/{JOB}/{timezone.localtime(letter.created_at):%Y-%m-%dT%H%M%S.%f}-{pk}.json"
    assert told["imageId"] == image(0)
    assert told["error"] == letter.message
    assert told["timestamp"] == timezone.localtime(letter.created_at).isoformat()
    assert (told["line"], told["traceId"], told["jobId"]) == (letter.line, letter.trace_id, JOB)
    assert [(event["name"], event["message"]) for event in told["events"]] == [("resolved", "why")]


def test_what_is_open_or_was_closed_lately_stays(settings: Settings, storage_folder: Path) -> None:
    settings.LETTER_DAYS = 10
    ids = closed(3, ago=timedelta(days=9))
    close_again = DeadLetter.objects.filter(pk=ids[0])
    close_again.update(status="open", closed_at=None)
    DeadLetter.objects.filter(pk=ids[1]).update(closed_at=timezone.now() - timedelta(days=11))

    assert archive() == 1

    assert set(DeadLetter.objects.values_list("pk", flat=True)) == {ids[0], ids[2]}
    assert LetterGroup.objects.get().letters == 3


def test_each_job_has_objects_of_its_own_of_a_bounded_size(
    storage_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batches.letters.archive.LETTERS_PER_OBJECT", 2)
    closed(3, job=a_job("job-1"))
    closed(1, job=a_job("job-2"))

    assert archive() == 4

    sizes = [(key.split("/")[1], len(told)) for key, told in archived(storage_folder).items()]
    assert sorted(sizes) == [("job-1", 1), ("job-1", 2), ("job-2", 1)]
    assert archive() == 0


def test_killed_between_writing_and_deleting_nothing_is_lost_or_twice(
    storage_folder: Path, environment: dict[str, str]
) -> None:
    ids = closed(3)

    killed = subprocess.run(
        [sys.executable, "-c", DIE],
        cwd=PROJECT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
        timeout=300,
    )

    assert killed.returncode == -9
    assert DeadLetter.objects.count() == 3
    assert len(archived(storage_folder)) == 1
    assert archive() == 3
    (told,) = archived(storage_folder).values()
    assert [letter["letter"] for letter in told] == ids


def test_with_storage_away_nothing_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    closed(1)

    def away(*_: object) -> None:
        raise StorageAway("away.")

    monkeypatch.setattr(type(result_storage()), "put", away)

    with pytest.raises(StorageAway):
        archive()

    assert DeadLetter.objects.count() == 1


def test_a_letter_that_was_tried_again_goes_after_the_one_that_took_its_place(storage_folder: Path) -> None:
    ingested(jsonl([error_line(image(1))]))
    parent = DeadLetter.objects.get()
    with transaction.atomic():
        child, _ = write_child(parent, code="malformed_json", message="worse")
    close([parent.pk], LetterStatus.REPLACED)
    assert archive() == 0

    close([child.pk])

    assert archive() == 2
    told = {letter["letter"]: letter for letters in archived(storage_folder).values() for letter in letters}
    assert told[child.pk]["parent"] == parent.pk


def test_the_redrives_of_a_letter_are_told_with_it_unless_one_has_it_in_hand(storage_folder: Path) -> None:
    done, waiting = closed(2)
    redrive = Redrive.objects.create(intent_id="i", trace_id="ab" * 16, created_by=person("redrive_deadletter"))
    RedriveItem.objects.create(
        redrive=redrive, letter_id=done, status="put_right", outcome="inserted", finished_at=timezone.now()
    )
    RedriveItem.objects.create(redrive=redrive, letter_id=waiting)

    assert archive() == 1

    ((told,),) = archived(storage_folder).values()
    assert [(item["redrive"], item["outcome"]) for item in told["redrives"]] == [(redrive.pk, "inserted")]
    assert DeadLetter.objects.get().pk == waiting


def test_a_letter_with_a_rule_of_its_own_stays_with_its_rule() -> None:
    (pk,) = closed(1)
    PatchRule.objects.create(letter_id=pk, version=1, operations=[], why="w", created_by=person("edit_deadletter"))

    assert archive() == 0


def test_a_letter_about_an_object_stays_while_the_object_lies_there(storage_folder: Path) -> None:
    key = "batch-output/unknown/a/b.jsonl"
    landed(key, b"x")
    receive(result_storage().bucket_name, key, door="sweep")
    close([DeadLetter.objects.get().pk], LetterStatus.DISCARDED)

    assert archive() == 0
    assert sweep() == 0
    (storage_folder / key).unlink()
    assert archive() == 1
    assert [key.split("/")[1] for key in archived(storage_folder)] == ["_"]

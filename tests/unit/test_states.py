"""Every state of every machine has its transitions, and `before` reads them backwards."""

from __future__ import annotations

import inspect

import pytest
from django.db.models import TextChoices

from batches import states
from batches.states import (
    OPEN_CHUNKS,
    TRANSITIONS,
    ChunkStatus,
    FileStatus,
    JobStatus,
    LetterStatus,
    ReviewState,
    UploadStatus,
    before,
)

MACHINES = list(TRANSITIONS)


def test_every_machine_is_in_the_table() -> None:
    found = {
        machine
        for _, machine in inspect.getmembers(states, inspect.isclass)
        if issubclass(machine, TextChoices) and machine not in (TextChoices, states.LetterKind)
    }

    assert found == set(MACHINES)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_has_an_entry_and_leads_to_its_own_kind(machine: type[TextChoices]) -> None:
    table = TRANSITIONS[machine]

    assert list(table) == list(machine)
    assert all(type(target) is machine for targets in table.values() for target in targets)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_but_the_first_can_be_entered(machine: type[TextChoices]) -> None:
    first, *others = machine

    assert all(before(state) for state in others)
    assert first in machine


@pytest.mark.parametrize(
    ("state", "sources"),
    [
        (JobStatus.RUNNING, {JobStatus.WAITING, JobStatus.FINISHED, JobStatus.WITH_LETTERS, JobStatus.FAILED}),
        (JobStatus.FINISHED, {JobStatus.RUNNING, JobStatus.WITH_LETTERS}),
        (JobStatus.WITH_LETTERS, {JobStatus.RUNNING, JobStatus.FINISHED}),
        (JobStatus.WAITING, set()),
        (FileStatus.FINISHED, {FileStatus.READING}),
        (FileStatus.FAILED, {FileStatus.READING}),
        (ChunkStatus.LEASED, {ChunkStatus.PENDING, ChunkStatus.LEASED}),
        (ChunkStatus.PENDING, {ChunkStatus.LEASED}),
        (ChunkStatus.DONE, {ChunkStatus.LEASED}),
        (ChunkStatus.POISONED, {ChunkStatus.LEASED}),
        (ChunkStatus.ABANDONED, {ChunkStatus.PENDING, ChunkStatus.LEASED}),
        (LetterStatus.OPEN, {LetterStatus.DISCARDED}),
        (ReviewState.CONFIRMED, {ReviewState.UNREVIEWED, ReviewState.REJECTED}),
        (UploadStatus.DUE, {UploadStatus.UPLOADED, UploadStatus.FAILED}),
        (UploadStatus.COPIED, {UploadStatus.DUE, UploadStatus.COPIED, UploadStatus.UNCLEANED}),
        (UploadStatus.MOVED, {UploadStatus.COPIED}),
        (UploadStatus.UNCLEANED, {UploadStatus.COPIED}),
        (UploadStatus.FAILED, {UploadStatus.DUE}),
    ],
)
def test_before(state: TextChoices, sources: set[TextChoices]) -> None:
    assert set(before(state)) == sources


def test_what_is_counted_stays_counted() -> None:
    assert TRANSITIONS[ChunkStatus][ChunkStatus.DONE] == ()
    assert not set(OPEN_CHUNKS) & {ChunkStatus.DONE, ChunkStatus.POISONED, ChunkStatus.ABANDONED}

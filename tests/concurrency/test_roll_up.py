"""Tallies are rolled up once, whoever does it at the same time, and wherever they are killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from batches.letters import roll_up as step
from batches.letters.close import close_letters
from batches.letters.figures import with_figures
from batches.letters.fingerprint import problem_of
from batches.letters.groups import ensure_groups
from batches.letters.roll_up import roll_up
from batches.models import DeadLetter, LetterGroup, LetterHour, LetterTally, LetterTouch
from batches.states import LetterStatus
from tests.builders import error_line, image, ingested, jsonl, status_of
from tests.concurrency.racing import PATIENCE, race
from tests.integration.processes import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)
DIE = """
import os, signal, django
django.setup()
from batches.letters import roll_up
add = roll_up._add
def die(cursor):
    add(cursor)
    os.kill(os.getpid(), signal.SIGKILL)
roll_up._add = die
roll_up.roll_up()
"""


def groups(count: int) -> list[str]:
    problems = [problem_of("line", f"code_{at}", "", "m") for at in range(count)]
    ensure_groups(problems)
    return [problem.fingerprint for problem in problems]


def tallies(fingerprints: list[str], each: int) -> None:
    LetterTally.objects.bulk_create(
        LetterTally(group_id=group, letters=2, open=1, amount=5, job_id=at % 3, users=[f"u-{at % 4}", "u-0"])
        for at in range(each)
        for group in fingerprints
    )


def told() -> set[tuple[Any, ...]]:
    names = ("letters_now", "open_now", "amount_now", "jobs_now", "users_now")
    return set(with_figures(LetterGroup.objects.all()).values_list(*names))


def stored() -> set[tuple[Any, ...]]:
    return set(LetterGroup.objects.values_list("letters", "open", "amount", "jobs", "users"))


def test_many_at_once_roll_each_tally_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_TALLIES", 7)
    fingerprints = groups(5)
    tallies(fingerprints, 30)

    rolled = race([roll_up] * 4)
    rolled.append(roll_up())

    assert sum(rolled) == 150
    assert stored() == told() == {(60, 30, 150, 3, 4)}
    assert LetterTouch.objects.count() == 5 * (3 + 4)
    assert sum(LetterHour.objects.values_list("letters", flat=True)) == 300


def test_figures_are_exact_while_tallies_come_and_are_rolled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads sees each tally exactly once, whatever is going on."""
    monkeypatch.setattr(step, "MOST_TALLIES", 3)
    fingerprints = groups(2)
    done = threading.Event()

    def write() -> None:
        for _ in range(40):
            with transaction.atomic():
                tallies(fingerprints, 1)
        done.set()

    def roll() -> None:
        while not done.is_set():
            roll_up()

    def read() -> bool:
        before: tuple[int, ...] = (0, 0)
        fine = True
        while not done.is_set():
            now = tuple(sorted(with_figures(LetterGroup.objects.all()).values_list("letters_now", flat=True)))
            # Two letters a tally, and both groups in one transaction: never one without the other, never less.
            fine = fine and now[0] == now[1] and now[0] % 2 == 0 and now >= before
            before = now
        return fine

    assert race([write, roll, roll, read])[3]

    roll_up()
    assert stored() == {(80, 40, 200, 1, 1)}


def test_killed_before_its_commit_it_has_done_nothing(environment: dict[str, str]) -> None:
    fingerprints = groups(2)
    tallies(fingerprints, 10)
    before = told()

    killed = subprocess.run(
        [sys.executable, "-c", DIE],
        cwd=PROJECT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
        timeout=300,
    )

    assert killed.returncode == -9
    assert stored() == {(0, 0, 0, 0, 0)}
    assert told() == before
    while LetterTally.objects.exists():  # the server may still be ending the killed one's transaction
        roll_up()
    assert stored() == before


def test_one_that_holds_the_lock_makes_the_others_go_away() -> None:
    tallies(groups(1), 1)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [step.LOCK_KEY])
        assert race([roll_up]) == [0]

    assert roll_up() == 1


def test_new_groups_are_made_by_many_at_once_in_any_order() -> None:
    problems = [problem_of("line", f"code_{at}", "", "m") for at in range(50)]

    race([lambda: ensure_groups(problems), lambda: ensure_groups(problems[::-1])] * 2)

    assert LetterGroup.objects.count() == 50


def test_a_letter_is_closed_by_one_of_two_who_try() -> None:
    ingested(jsonl([error_line(image(at)) for at in range(20)]))
    ids = list(DeadLetter.objects.values_list("pk", flat=True))

    def close(status: LetterStatus, order: list[int]) -> list[int]:
        with transaction.atomic():
            return close_letters(order, status, event=str(status))

    first, second = race([
        lambda: close(LetterStatus.RESOLVED, ids),
        lambda: close(LetterStatus.DISCARDED, ids[::-1]),
    ])  # fmt: skip

    assert sorted(first + second) == sorted(ids)
    assert {len(first), len(second)} == {0, 20}
    roll_up()
    assert LetterGroup.objects.get().open == 0
    assert status_of() == "finished"


def test_a_job_follows_its_last_letters_however_they_are_closed() -> None:
    """Each of two closes one of the job's last two letters: whoever is second finds none open."""
    ingested(jsonl([error_line(image(at)) for at in range(2)]))
    barrier = threading.Barrier(2)

    def close(pk: int) -> None:
        with transaction.atomic():
            barrier.wait(PATIENCE)
            close_letters([pk], LetterStatus.RESOLVED, event="resolved")

    race([partial(close, pk) for pk in DeadLetter.objects.values_list("pk", flat=True)])

    assert status_of() == "finished"

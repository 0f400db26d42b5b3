"""Discarding, restoring, and what is said of groups: by whom it may be done, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.db.models.functions import Now

from batches.letters import in_batches
from batches.letters.discard import discard
from batches.letters.discard_later import discard_later, do_asked, wake_asked
from batches.letters.figures import with_figures
from batches.letters.filters import LetterFilter
from batches.letters.group_status import mute_group, reopen_group, resolve_group
from batches.letters.restore import Restored, restore
from batches.letters.roll_up import roll_up
from batches.models import DeadLetter, Job, LetterGroup, LetterTally
from batches.tasks import discard_asked
from monitoring.models import AuditEntry
from pages.reason import NoReason
from tests.builders import a_job, image, ingested, jsonl, line, status_of
from tests.integration.pages import person

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = LetterFilter()


def letters(count: int = 3, **more: Any) -> list[int]:
    ingested(jsonl([line(image(at), date="20/11/2026") for at in range(count)]), **more)
    return list(DeadLetter.objects.order_by("pk").values_list("pk", flat=True))


def statuses() -> list[str]:
    return list(DeadLetter.objects.order_by("pk").values_list("status", flat=True))


def may_discard() -> Any:
    return person("discard_deadletter")


def test_discarding_has_a_reason_a_history_and_an_entry() -> None:
    ids = letters()
    actor = may_discard()

    assert discard(LetterFilter(ids=f"{ids[0]},{ids[1]}"), actor=actor, reason=" a test file ") == 2

    assert statuses() == ["discarded", "discarded", "open"]
    event = DeadLetter.objects.get(pk=ids[0]).events.get()
    assert (event.name, event.message, event.actor) == ("discarded", "a test file", actor)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.allowed, entry.reason, entry.actor) == ("discard", True, "a test file", actor)
    assert entry.details == {"filters": {"ids": f"{ids[0]},{ids[1]}"}, "letters": 2, "first": ids[0], "last": ids[1]}
    assert with_figures(LetterGroup.objects.all()).get().open_now == 1
    assert status_of() == "with_letters"


def test_with_its_last_letter_discarded_the_job_is_finished_and_with_one_restored_it_is_not() -> None:
    letters()
    actor = may_discard()
    discard(EVERY, actor=actor, reason="a test")
    assert status_of() == "finished"

    assert restore(EVERY, actor=actor, reason="it was none") == Restored(3, 0)

    assert statuses() == ["open"] * 3
    assert status_of() == "with_letters"
    assert not DeadLetter.objects.filter(closed_at__isnull=False).exists()
    assert with_figures(LetterGroup.objects.all()).get().open_now == 3
    assert [entry.action for entry in AuditEntry.objects.all()] == ["restore", "discard"]


def test_what_was_discarded_longer_ago_than_a_day_stays_so() -> None:
    ids = letters()
    actor = may_discard()
    discard(EVERY, actor=actor, reason="a test")
    DeadLetter.objects.filter(pk=ids[0]).update(closed_at=F("closed_at") - timedelta(hours=24, seconds=1))
    DeadLetter.objects.filter(pk=ids[1]).update(closed_at=F("closed_at") - timedelta(hours=23, minutes=59))

    assert restore(EVERY, actor=actor, reason="too late") == Restored(2, 1)
    assert statuses() == ["discarded", "open", "open"]


def test_a_job_that_runs_or_failed_keeps_its_state() -> None:
    letters(job=a_job("job-1"))
    letters(job=a_job("job-2"))
    Job.objects.filter(job_id="job-1").update(status="running")
    Job.objects.filter(job_id="job-2").update(status="failed")

    discard(EVERY, actor=may_discard(), reason="a test")

    assert (status_of("job-1"), status_of("job-2")) == ("running", "failed")


def test_many_letters_are_discarded_in_bounded_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_batches, "LETTERS_PER_TRANSACTION", 2)
    letters(5)
    told: list[int] = []

    assert discard(EVERY, actor=may_discard(), reason="a test", told=told.append) == 5

    assert told == [2, 4, 5]
    assert [entry.details["letters"] for entry in AuditEntry.objects.order_by("pk")] == [2, 2, 1]


def test_letters_that_come_later_are_not_swept_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_batches, "LETTERS_PER_TRANSACTION", 2)
    letters(4)

    def another(done: int) -> None:
        if done == 2:
            ingested(jsonl([line(image(77), date="x")]), name="later.jsonl")

    assert discard(EVERY, actor=may_discard(), reason="a test", told=another) == 4
    assert statuses() == ["discarded"] * 4 + ["open"]


@pytest.mark.parametrize("verb", [discard, restore])
def test_who_may_not_is_refused_and_it_is_recorded(verb: Any) -> None:
    letters()

    with pytest.raises(PermissionDenied):
        verb(LetterFilter(code="invalid_date"), actor=person("redrive_deadletter"), reason="a try")

    entry = AuditEntry.objects.get()
    assert (entry.allowed, entry.action, entry.reason) == (False, verb.__name__, "a try")
    assert entry.details["filters"] == {"code": "invalid_date"}
    assert statuses() == ["open"] * 3


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\0b"])
def test_a_reason_is_asked_for(reason: str) -> None:
    letters()

    with pytest.raises(NoReason):
        discard(EVERY, actor=may_discard(), reason=reason)

    assert statuses() == ["open"] * 3


def test_resolving_a_group_leaves_its_open_letters_and_the_next_one_brings_it_back() -> None:
    letters(2)
    actor = person("redrive_deadletter")
    group = LetterGroup.objects.get().pk

    assert resolve_group(group, actor=actor, reason="the prompt was corrected")
    assert not resolve_group(group, actor=actor, reason="again")

    found = LetterGroup.objects.get()
    assert (found.status, found.changed_by, found.returned_at) == ("resolved", actor, None)
    assert statuses() == ["open"] * 2
    ingested(jsonl([line(image(9), date="x")]), name="later.jsonl")
    found.refresh_from_db()
    assert found.status == "open"
    assert found.returned_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.subject_id, entry.reason) == (
        "resolve",
        "group",
        group,
        "the prompt was corrected",
    )


def test_letters_known_before_a_group_was_resolved_do_not_bring_it_back() -> None:
    """Their tallies may not be rolled up yet: resolving does that first."""
    letters(2)
    group = LetterGroup.objects.get()
    LetterTally.objects.create(group=group, letters=3, open=3)

    resolve_group(group.pk, actor=person("redrive_deadletter"), reason="done")
    roll_up()

    group.refresh_from_db()
    assert (group.status, group.letters, group.returned_at) == ("resolved", 5, None)


def test_a_group_is_muted_and_opened_again() -> None:
    letters(1)
    actor = person("redrive_deadletter")
    group = LetterGroup.objects.get().pk

    assert mute_group(group, actor=actor, reason="known")
    assert LetterGroup.objects.get().status == "muted"
    assert reopen_group(group, actor=actor, reason="no longer")
    assert LetterGroup.objects.get().status == "open"
    with pytest.raises(PermissionDenied):
        mute_group(group, actor=person("view_deadletter", name="viewer"), reason="a try")
    assert [(entry.action, entry.allowed) for entry in AuditEntry.objects.order_by("pk")] == [
        ("mute", True),
        ("reopen", True),
        ("mute", False),
    ]


def test_what_takes_long_is_asked_for_and_done_by_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    letters(3)
    actor, sent = may_discard(), list[dict[str, int]]()
    monkeypatch.setattr(discard_asked, "delay", lambda **what: sent.append(what))

    entry = discard_later(LetterFilter(code="invalid_date"), actor=actor, reason="a test")
    ingested(jsonl([line(image(77), date="x")]), name="later.jsonl")

    assert sent == [{"entry": entry.pk}]
    assert statuses() == ["open"] * 4
    for _ in range(2):
        discard_asked(**sent[0])
    assert statuses() == ["discarded"] * 3 + ["open"]
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "discard_asked",
        "discard",
        "discard_ended",
    ]


def test_what_was_asked_for_is_woken_again_until_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message was lost, or the worker killed in the middle."""
    letters(3)
    sent = list[dict[str, int]]()
    monkeypatch.setattr(discard_asked, "delay", lambda **what: sent.append(what))
    entry = discard_later(LetterFilter(code="invalid_date"), actor=may_discard(), reason="a test")
    assert wake_asked() == 0  # not yet: its own message may be on its way

    AuditEntry.objects.update(at=Now() - timedelta(minutes=2))

    assert wake_asked() == 1
    discard_asked(**sent[-1])
    assert statuses() == ["discarded"] * 3
    assert wake_asked() == 0
    assert sent == [{"entry": entry.pk}] * 2


def test_who_may_not_cannot_ask_for_it_and_who_may_no_longer_does_not_get_it() -> None:
    letters(1)
    with pytest.raises(PermissionDenied):
        discard_later(EVERY, actor=person("view_deadletter"), reason="a try")
    actor = person("discard_deadletter", name="dora")
    entry = discard_later(EVERY, actor=actor, reason="a test")
    actor.user_permissions.clear()

    with pytest.raises(PermissionDenied):
        do_asked(entry.pk)

    assert statuses() == ["open"]

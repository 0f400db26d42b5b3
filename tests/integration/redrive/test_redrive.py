"""A redrive from choice to end: what is taken, what is written, and what is told."""

from __future__ import annotations

import gzip
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from batches.letters.cancel import cancel_redrive
from batches.letters.discard import discard
from batches.letters.figures import with_figures
from batches.letters.filters import LetterFilter
from batches.letters.pause import pause_redrive
from batches.letters.preview import preview
from batches.letters.refused import Refused
from batches.letters.resume import resume_redrive
from batches.models import Chunk, DeadLetter, LetterGroup, Redrive, RedriveItem, Transaction
from monitoring.models import AuditEntry
from tests.builders import (
    balance_of,
    counts,
    error_line,
    ids,
    ids_of,
    image,
    ingested,
    jsonl,
    line,
    path_of,
    receipts,
    status_of,
    transaction_id,
)  # fmt: skip
from tests.redrives import (
    ALL,
    SWAP,
    a_rule,
    an_operator,
    begun,
    dead_letters,
    outcomes,
    run_redrives,
    started,
    statuses,
    wrong_dates,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_incident_ends_resolved() -> None:
    letters = dead_letters(40)
    rule = a_rule()

    redrive = started(LetterFilter(group=letters[0].group_id), rule=rule)
    run_redrives()

    redrive.refresh_from_db()
    assert (redrive.status, redrive.total, statuses(redrive)) == ("finished", 40, {"put_right": 40})
    assert ids() == ids_of(range(40))
    assert set(Transaction.objects.values_list("date", flat=True)) == {date(2026, 11, 20)}
    assert counts() == {"inserted": 40}
    assert status_of() == "finished"
    assert set(DeadLetter.objects.values_list("status", flat=True)) == {"resolved"}
    group = with_figures(LetterGroup.objects.all()).get(pk=rule.group_id)
    assert (group.status, group.open_now, group.letters_now) == ("resolved", 0, 40)
    assert group.resolved_at
    assert AuditEntry.objects.filter(action="resolve", subject="group", actor=None).count() == 1


def test_a_row_stands_where_its_line_stands() -> None:
    ingested(jsonl([line(image(0)), line(image(1), date="20/11/2026"), line(image(2))]))
    letter = DeadLetter.objects.get()

    started(rule=a_rule())
    run_redrives()

    row = Transaction.objects.get(pk=transaction_id(image(1)))
    assert (row.chunk_id, row.line, row.revision) == (letter.chunk_id, 2, 1)
    assert [event.name for event in letter.events.all()] == ["put_right"]


def test_a_group_comes_back_when_a_letter_does() -> None:
    from batches.letters.roll_up import roll_up

    dead_letters(3)
    started(rule=a_rule())
    run_redrives()

    ingested(wrong_dates(range(10, 12)), "again.jsonl")
    roll_up()

    group = LetterGroup.objects.get()
    assert (group.status, group.open) == ("open", 2)
    assert group.returned_at


def test_what_fails_again_keeps_its_history_and_links_to_its_parent() -> None:
    [letter] = dead_letters(1)
    redrive = started()
    run_redrives()

    letter.refresh_from_db()
    child = DeadLetter.objects.get(parent=letter)
    assert (letter.status, child.status) == ("replaced", "open")
    assert (child.group_id, child.chunk_id, child.line, child.offset) == (
        letter.group_id, letter.chunk_id, letter.line, letter.offset,
    )  # fmt: skip
    assert [event.name for event in letter.events.all()] == ["failed_again"]
    assert [event.name for event in child.events.all()] == ["came_of"]
    assert counts() == {"dead": 1}
    assert status_of() == "with_letters"
    item = RedriveItem.objects.get(redrive=redrive)
    assert (item.status, item.outcome, item.message) == ("failed", "failed_again", child.message)
    group = with_figures(LetterGroup.objects.all()).get(pk=letter.group_id)
    assert (group.letters_now, group.open_now, group.status) == (2, 1, "open")

    # And the child is put right as any other.
    started(rule=a_rule())
    run_redrives()
    assert counts() == {"inserted": 1}
    assert status_of() == "finished"


def test_a_child_goes_on_from_what_its_parent_was_tried_as() -> None:
    ingested(jsonl([line(image(1), date="20/11/2026", category="food")]))
    started(rule=a_rule())
    run_redrives()
    child = DeadLetter.objects.get(status="open")
    assert child.code == "unknown_category"

    started(rule=a_rule([{"op": "map", "field": "category", "values": {"food": "purchase"}}]))
    run_redrives()

    row = Transaction.objects.get()
    assert (str(row.date), row.category) == ("2026-11-20", "purchase")


def test_a_rule_may_begin_anew() -> None:
    ingested(jsonl([line(image(1), date="20/11/2026", category="food")]))
    started(rule=a_rule([*SWAP, {"op": "set", "field": "merchant", "value": "Wrong"}]))
    run_redrives()

    started(rule=a_rule([{"op": "from_original"}, *SWAP, {"op": "set", "field": "category", "value": "purchase"}]))
    run_redrives()

    assert Transaction.objects.get().merchant != "Wrong"


def test_later_arrivals_are_not_swept_in() -> None:
    dead_letters(3)
    shown = preview(ALL)
    ingested(wrong_dates(range(10, 14)), "later.jsonl")

    begin = begun(ALL, up_to=shown.up_to, rule=a_rule())
    run_redrives()

    assert (shown.taken, begin.taken) == (3, 3)
    assert counts() == {"inserted": 3, "dead": 4}


def test_the_preview_tells_what_is_left_out_and_why() -> None:
    letters = dead_letters(5)
    discard(LetterFilter(ids=str(letters[0].pk)), actor=an_operator(), reason="No receipt.")
    started(LetterFilter(ids=f"{letters[1].pk},{letters[2].pk}"))

    shown, begin = preview(ALL), begun(ALL)

    assert (shown.matched, shown.taken, shown.closed, shown.in_hand) == (5, 2, 1, 2)
    assert shown.kinds == {"line": 2}
    assert (begin.taken, begin.closed, begin.in_hand) == (2, 1, 2)


def test_a_form_sent_twice_is_one_redrive() -> None:
    dead_letters(3)

    first, again = begun(intent_id="form-1"), begun(intent_id="form-1")

    assert (again.redrive, again.again, Redrive.objects.count()) == (first.redrive, True, 1)
    with pytest.raises(Refused, match="with other choices"):
        begun(intent_id="form-1", rate=5)


@pytest.mark.parametrize("which", [LetterFilter(job="unknown"), LetterFilter(code="no_such_reason")])
def test_nothing_to_redrive_makes_no_redrive(which: LetterFilter) -> None:
    dead_letters(1)

    with pytest.raises(Refused, match="nothing to redrive"):
        begun(which)

    assert not Redrive.objects.exists()


def test_a_letter_in_hand_is_left_to_whoever_has_it() -> None:
    dead_letters(2)
    started()

    with pytest.raises(Refused, match="another redrive"):
        begun()


def test_who_may_not_is_refused_and_recorded() -> None:
    dead_letters(1)
    redrive = started()
    visitor = User.objects.create_user("visitor")

    for verb in (
        lambda: begun(actor=visitor),
        lambda: pause_redrive(redrive.pk, actor=visitor),
        lambda: resume_redrive(redrive.pk, actor=visitor),
        lambda: cancel_redrive(redrive.pk, actor=visitor),
    ):
        with pytest.raises(PermissionDenied):
            verb()

    refused = AuditEntry.objects.filter(actor=visitor, allowed=False).values_list("action", flat=True)
    assert sorted(refused) == ["cancel", "pause", "redrive", "resume"]
    assert AuditEntry.objects.filter(action="redrive", allowed=True, subject_id=redrive.pk).count() == 1
    redrive.refresh_from_db()
    assert redrive.status == "running"


def test_a_letter_that_was_discarded_meanwhile_is_skipped() -> None:
    letters = dead_letters(3)
    redrive = started(rule=a_rule())
    discard(LetterFilter(ids=str(letters[1].pk)), actor=an_operator(), reason="No receipt.")

    run_redrives()

    assert outcomes(redrive) == ["inserted", "skipped", "inserted"]
    assert counts() == {"inserted": 2, "dead": 1}


def test_an_object_that_is_gone_keeps_its_letters() -> None:
    [letter, _] = dead_letters(2)
    assert letter.file
    path_of(letter.file).unlink()

    redrive = started(rule=a_rule())
    run_redrives()

    redrive.refresh_from_db()
    assert (redrive.status, outcomes(redrive)) == ("finished", ["unreadable", "unreadable"])
    item = RedriveItem.objects.filter(redrive=redrive).first()
    assert item
    assert "was deleted from storage. The letter is kept." in item.message
    assert set(DeadLetter.objects.values_list("status", flat=True)) == {"open"}
    assert counts() == {"dead": 2}


def test_an_object_that_was_replaced_keeps_its_letters() -> None:
    [letter] = dead_letters(1)
    assert letter.file
    path_of(letter.file).write_bytes(receipts(range(3)))

    redrive = started(rule=a_rule())
    run_redrives()

    assert outcomes(redrive) == ["unreadable"]
    assert not ids()


@pytest.mark.parametrize("size", [200, 1000])
def test_letters_of_many_chunks_and_files(settings: Settings, size: int) -> None:
    settings.CHUNK_BYTES = 3000
    for number in range(3):
        good = [line(image(1000 * number + place)) for place in range(size // 10)]
        dead = [line(image(1000 * number + 500 + place), date="20/11/2026") for place in range(size // 10)]
        ingested(jsonl(part for pair in zip(good, dead, strict=True) for part in pair), f"{number}.jsonl")
    before = balance_of()

    redrive = started(rule=a_rule())
    run_redrives()

    told = balance_of()
    assert statuses(redrive) == {"put_right": before.dead}
    assert (told.read, told.inserted, told.dead) == (before.read, before.read, 0)
    assert Chunk.objects.filter(dead__gt=0).count() == 0
    assert len(ids()) == before.read


def test_a_compressed_file() -> None:
    content = jsonl([line(image(0)), error_line("x")]) + wrong_dates(range(1, 9))
    ingested(gzip.compress(content), "results.jsonl.gz")

    started(rule=a_rule())
    run_redrives()

    assert counts() == {"inserted": 9, "dead": 1}

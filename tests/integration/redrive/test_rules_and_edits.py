"""Patch rules and edits: versions, who and why; the original stays as it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from batches.letters.edit import edit_and_redrive, edit_letter
from batches.letters.patch import BadRule
from batches.letters.refused import Refused
from batches.letters.write_rule import write_rule
from batches.models import DeadLetter, PatchRule, Redrive, Transaction
from monitoring.models import AuditEntry
from pages.reason import NoReason
from tests.builders import counts, error_line, image, ingested, jsonl, line, path_of, text, the_letter
from tests.redrives import SWAP, a_rule, an_operator, begun, dead_letters, run_redrives

pytestmark = pytest.mark.django_db(transaction=True)

FILL = [{"op": "set", "field": "date", "value": "2026-11-20"}]


def test_a_correction_is_the_next_version() -> None:
    dead_letters(1)

    first, same, second = a_rule(), a_rule(), a_rule(FILL)

    assert (first.version, same.pk, second.version) == (1, first.pk, 2)
    assert PatchRule.objects.get(version=1).operations == SWAP
    entries = AuditEntry.objects.filter(action="write_rule", allowed=True)
    assert [entry.actor for entry in entries] == [an_operator()] * 2
    assert entries[0].reason == "The model changed its way to write days."
    assert entries[0].details["operations"] == FILL


def test_a_rule_is_for_its_group_alone() -> None:
    ingested(jsonl([line(image(1), date="20/11/2026"), line(image(2), amount=-1)]))
    group = str(the_letter(code="invalid_date").group_id)

    assert begun(rule=a_rule(group=group)).taken == 1


def test_who_may_not_and_what_is_wrong() -> None:
    [letter] = dead_letters(1)
    group, visitor = str(letter.group_id), User.objects.create_user("visitor")

    with pytest.raises(PermissionDenied):
        write_rule(group, SWAP, why="Because.", actor=visitor)
    with pytest.raises(PermissionDenied):
        edit_letter(letter.pk, text(), why="Because.", actor=visitor)
    with pytest.raises(NoReason):
        write_rule(group, SWAP, why=" ", actor=an_operator())
    with pytest.raises(BadRule):
        write_rule(group, [{"op": "no"}], why="Because.", actor=an_operator())
    with pytest.raises(Refused, match="no group"):
        write_rule("00" * 8, SWAP, why="Because.", actor=an_operator())
    with pytest.raises(Refused, match="The answer is empty"):
        edit_letter(letter.pk, " ", why="Because.", actor=an_operator())

    assert not PatchRule.objects.exists()
    assert AuditEntry.objects.filter(actor=visitor, allowed=False).count() == 2


def test_an_edit_puts_one_letter_right_and_alters_no_original() -> None:
    ingested(jsonl([line(image(1), answer="I cannot read this."), line(image(2), answer="I cannot read this.")]))
    letter = DeadLetter.objects.earliest("pk")
    assert letter.file
    original = path_of(letter.file).read_bytes()

    begin = edit_and_redrive(letter.pk, text(amount=7), why="Read it myself.", actor=an_operator(), intent_id="form-1")
    again = edit_and_redrive(letter.pk, text(amount=7), why="Read it myself.", actor=an_operator(), intent_id="form-1")
    run_redrives()
    late = edit_and_redrive(letter.pk, text(amount=7), why="Read it myself.", actor=an_operator(), intent_id="form-1")

    assert (again.redrive, again.again, late.redrive) == (begin.redrive, True, begin.redrive)
    assert (Transaction.objects.get().amount, counts()) == (Decimal(7), {"inserted": 1, "dead": 1})
    assert path_of(letter.file).read_bytes() == original
    assert (Redrive.objects.count(), PatchRule.objects.get().letter) == (1, letter)
    with pytest.raises(Refused, match="only an open one"):
        edit_letter(letter.pk, text(amount=8), why="Again.", actor=an_operator())


@pytest.mark.parametrize("content", [error_line("image-00001"), b'{"recordId": "image-00001", "modelOutput": 3}'])
def test_an_edit_stands_for_an_answer_that_never_came(content: bytes) -> None:
    ingested(content + b"\n")

    edit_and_redrive(the_letter().pk, text(), why="Read it myself.", actor=an_operator(), intent_id="form-1")
    run_redrives()

    assert Transaction.objects.get().image_id == image(1)


def test_an_edit_names_the_record_of_a_line_that_names_none() -> None:
    ingested(b"garbage\n")
    letter = the_letter()

    edit_and_redrive(letter.pk, text(), why="It is his.", actor=an_operator(), intent_id="f", record_id=image(9))
    run_redrives()

    assert Transaction.objects.get().image_id == image(9)


def test_an_edit_that_is_wrong_becomes_a_child_that_can_be_edited() -> None:
    [letter] = dead_letters(1)

    edit_and_redrive(letter.pk, text(amount=-1), why="A slip.", actor=an_operator(), intent_id="form-1")
    run_redrives()
    child = the_letter(status="open")
    edit_and_redrive(child.pk, text(amount=1), why="Corrected.", actor=an_operator(), intent_id="form-2")
    run_redrives()

    assert (child.parent, child.code) == (letter, "invalid_amount")
    assert counts() == {"inserted": 1}


def test_only_lines_have_an_answer_to_edit() -> None:
    ingested(b"")

    with pytest.raises(Refused, match="no answer to edit"):
        edit_letter(the_letter().pk, text(), why="Because.", actor=an_operator())

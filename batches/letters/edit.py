"""One letter's answer, written anew by a person, and redriven. The original line is never altered."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.formats.rejection import RECORD_ID_CHARS
from batches.letters.filters import LetterFilter
from batches.letters.patched_line import ANSWER
from batches.letters.refused import Refused
from batches.letters.start_redrive import Started, start_redrive
from batches.letters.write_rule import PERMISSION, next_version
from batches.models import DeadLetter, PatchRule
from batches.states import LetterKind, LetterStatus
from monitoring import audit
from pages.reason import checked_reason

MOST_CHARS = 100_000
EDITABLE = (LetterKind.LINE, LetterKind.CONFLICT)


def edit_and_redrive(
    letter_id: int,
    text: str,
    *,
    why: str,
    actor: User | AnonymousUser | None,
    intent_id: str,
    record_id: str = "",
) -> Started:
    """Keep `text` as what the letter's answer is read as, and redrive this letter alone, in one transaction.

    `record_id` names the record where the line itself names none. PermissionDenied without the permissions to edit
    and to redrive; Refused as `edit_letter` and `start_redrive`. Sent twice with one intent, it is done once.
    """
    with transaction.atomic():
        rule = edit_letter(letter_id, text, why=why, actor=actor, record_id=record_id)
        return start_redrive(LetterFilter(ids=str(letter_id)), actor=actor, intent_id=intent_id, reason=why, rule=rule)


def edit_letter(
    letter_id: int, text: str, *, why: str, actor: User | AnonymousUser | None, record_id: str = ""
) -> PatchRule:
    """Keep a person's answer for this letter as its next version of a rule, and change nothing else. NoReason."""
    by = audit.permit(actor, PERMISSION, action="edit", subject="letter", subject_id=letter_id, reason=why)
    why, operations = checked_reason(why), _operations(text, record_id)
    with transaction.atomic():
        letter = DeadLetter.objects.select_for_update(no_key=True).filter(pk=letter_id).first()
        if letter is None or letter.kind not in EDITABLE:
            raise Refused(f"Letter {letter_id} is not about a line: there is no answer to edit.")
        newest = PatchRule.objects.filter(letter=letter).first()
        if newest is not None and newest.operations == operations:
            return newest
        if letter.status != LetterStatus.OPEN:
            raise Refused(f"Letter {letter_id} is {letter.status}: only an open one can be edited.")
        subject = {"letter_id": letter_id}
        rule = PatchRule.objects.create(
            **subject, version=next_version(subject), operations=operations, why=why, created_by=by
        )
        # The text itself may be a person's data: it is kept with the rule, and not once more in the log.
        audit.record(by, "edit", "letter", letter_id, reason=why, rule=rule.pk)
    return rule


def _operations(text: str, record_id: str) -> list[dict[str, str]]:
    if not text.strip():
        raise Refused("The answer is empty: discard the letter if there is nothing to take in.")
    if len(text) > MOST_CHARS or "\0" in text:
        raise Refused(f"An answer has at most {MOST_CHARS:,} characters, and no NUL among them.")
    if len(record_id) > RECORD_ID_CHARS:
        raise Refused(f"An image's name has at most {RECORD_ID_CHARS} characters.")
    return [{"op": ANSWER, "text": text} | ({"record_id": record_id} if record_id else {})]

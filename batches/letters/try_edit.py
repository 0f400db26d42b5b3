"""What a person's own answer for one letter would come to, before it is kept."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from batches.letters.dry_run import DryRun, run_dry
from batches.letters.patched_line import ANSWER
from batches.letters.try_lines import LETTERS, try_lines
from batches.letters.write_rule import PERMISSION
from batches.models import DeadLetter
from monitoring import audit
from storage.port import ObjectMissing


def current_answer(letter: DeadLetter) -> str:
    """The model's text, as the letter was last tried; '' when the line has none. StorageFault."""
    tried = try_lines(list(LETTERS.filter(pk=letter.pk)), [], with_answers=True)
    if letter.pk in tried.faults:
        raise ObjectMissing(tried.faults[letter.pk])
    return tried.answers[letter.pk][1]


def try_edit(letter: DeadLetter, text: str, *, actor: User | AnonymousUser | None, record_id: str = "") -> DryRun:
    """Rolled back, as any dry run. PermissionDenied, StorageAway, Refused."""
    audit.permit(actor, PERMISSION, action="dry_run", subject="letter", subject_id=letter.pk)
    operation = {"op": ANSWER, "text": text, "record_id": record_id}
    return run_dry(list(LETTERS.filter(pk=letter.pk)), [operation])

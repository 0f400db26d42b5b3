"""What a redrive would do, shown from a transaction that is always rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, OperationalError, connection, transaction

from batches import kinds
from batches.letters.fetch_lines import chunk_of
from batches.letters.filters import LetterFilter
from batches.letters.fingerprint import problem_of
from batches.letters.next_batch import LINES
from batches.letters.patch import checked
from batches.letters.refused import Refused
from batches.letters.sample import sample
from batches.letters.start_redrive import PERMISSION
from batches.letters.takeable import newest_letter
from batches.letters.try_lines import LETTERS, Tried, make_tried_rows, try_lines
from batches.letters.write_back import Written, write_back
from batches.models import DeadLetter, PatchRule
from batches.pipeline.bury import CONFLICT
from batches.states import LetterKind
from monitoring import audit

SAMPLE = 200
# Nobody waits for a dry run, and it waits for nobody: it gives up instead.
LIMITS = "SELECT set_config('lock_timeout', '2s', true), set_config('statement_timeout', '15s', true)"
# Where a row comes from is not what the person asks.
NOT_SHOWN = {"id", "job_id", "chunk_id", "line", "content", "image_id", "trace_id", "base"}
OTHER_KINDS = {
    LetterKind.POISON: "Its range would be halved, and the halves tried.",
    LetterKind.EVENT: "Its object would be received again.",
    LetterKind.FILE: "Another version of its file would be received, if there is one.",
}

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """One letter, and what would become of it.

    `outcome`: inserted, updated, unchanged, superseded; failed_again or conflict (then `message` says why, and
    `same_reason` whether it is the reason it has now); unreadable or not_shown (then `message` says why).
    `changes`: column → (before, after), before None for a new row. `answer_before` and `answer_after` are the model's
    text and what a rule makes of it; equal without a rule.
    """

    letter: int
    outcome: str
    message: str = ""
    same_reason: bool = False
    record_id: str = ""
    transaction_id: str = ""
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    answer_before: str = ""
    answer_after: str = ""


@dataclass(frozen=True)
class DryRun:
    """`taken` is the number of the whole set, `shown` a sample spread over it: all of it only if `whole`."""

    taken: int
    shown: list[Shown]

    @property
    def whole(self) -> bool:
        return len(self.shown) == self.taken

    @property
    def outcomes(self) -> dict[str, int]:
        """How many of the shown letters come to what."""
        return dict(Counter(each.outcome for each in self.shown))


def dry_run(
    which: LetterFilter,
    *,
    actor: User | AnonymousUser | None,
    rule: PatchRule | None = None,
    operations: object = None,
    up_to: int | None = None,
    most: int = SAMPLE,
) -> DryRun:
    """Try up to `most` of the letters that would be taken, and roll everything back.

    `operations` (see `batches.letters.patch`) are tried without being kept, in the place of `rule`. PermissionDenied;
    BadFilter; BadRule; StorageAway when the lines cannot be read now; Refused when something else is at work on the
    same rows just now.
    """
    audit.permit(actor, PERMISSION, action="dry_run", subject="redrive", filters=which.as_dict())
    wanted = checked(operations) if operations is not None else (rule.operations if rule else [])
    taken, ids = sample(which, rule, newest_letter() if up_to is None else up_to, min(most, SAMPLE))
    return run_dry(list(LETTERS.filter(pk__in=ids).order_by("pk")), wanted, taken=taken)


def run_dry(letters: list[DeadLetter], operations: Sequence[Any], *, taken: int | None = None) -> DryRun:
    """Try these letters, as LETTERS loads them, whoever asks. `taken`: of how many they are the sample."""
    # Storage is read before the transaction begins.
    tried = try_lines([letter for letter in letters if letter.kind in LINES], operations, with_answers=True)
    shown = {letter.pk: _not_shown(letter) for letter in letters if letter.kind not in LINES}
    shown |= {letter_id: Shown(letter_id, "unreadable", fault) for letter_id, fault in tried.faults.items()}
    shown |= _rolled_back(tried)
    return DryRun(len(letters) if taken is None else taken, [shown[letter.pk] for letter in letters])


def _rolled_back(tried: Tried) -> dict[int, Shown]:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(LIMITS)
            make_tried_rows(tried)
            before = _rows(tried)
            written = write_back(tried)
            shown = _shown(tried, written, before, _rows(tried))
            transaction.set_rollback(True)
    except (OperationalError, IntegrityError):
        # A lock that was not to be had in time; or a letter that somebody put right meanwhile.
        raise Refused("Something else is at work on these letters just now: try again in a moment.") from None
    return shown


def _shown(tried: Tried, written: Written, before: Rows, after: Rows) -> dict[int, Shown]:
    shown = {}
    for chunk in tried.chunks:
        ids = {row.line: row.id.hex() for row in chunk.batch.rows}
        for line, letter in chunk.letters.items():
            if (outcome := written.right.get(letter.pk)) is not None:
                pk = ids.get(line, "")
                changes = _changes(before.get(pk), after.get(pk)) if outcome in ("inserted", "updated") else {}
                shown[letter.pk] = _one(tried, letter, outcome, transaction_id=pk, changes=changes)
    for letter, dead in written.dead:
        same = dead.group == letter.group_id
        shown[letter.pk] = _one(tried, letter, "failed_again", message=dead.message, same_reason=same)
    for letter, row in written.conflicts:
        message = kinds.get(chunk_of(letter).job.kind).difference(row)
        same = problem_of(LetterKind.CONFLICT, CONFLICT, "", message).fingerprint == letter.group_id
        shown[letter.pk] = _one(
            tried, letter, "conflict", message=message, same_reason=same, transaction_id=row.id.hex()
        )
    return shown


def _one(tried: Tried, letter: DeadLetter, outcome: str, **more: Any) -> Shown:
    was, is_now = tried.answers[letter.pk]
    return Shown(letter.pk, outcome, record_id=letter.record_id, answer_before=was, answer_after=is_now, **more)


def _changes(was: dict[str, Any] | None, now: dict[str, Any] | None) -> dict[str, tuple[Any, Any]]:
    """Columns that differ; of a new row all of them."""
    return {
        name: ((was or {}).get(name), value) for name, value in (now or {}).items() if was is None or was[name] != value
    }


def _rows(tried: Tried) -> Rows:
    """The rows these lines are about, as they are now, by id."""
    rows: Rows = {}
    for chunk in tried.chunks:
        kind = kinds.get(chunk.claim.kind)
        names = [name for name in kind.columns if name not in NOT_SHOWN]
        found = kind.model._default_manager.filter(pk__in=[row.id.hex() for row in chunk.batch.rows])
        rows |= {values.pop("pk"): values for values in found.values("pk", *names)}
    return rows


def _not_shown(letter: DeadLetter) -> Shown:
    told = OTHER_KINDS.get(LetterKind(letter.kind), "It would be put back by its kind's own way.")
    return Shown(letter.pk, "not_shown", f"A letter of kind {letter.kind} cannot be shown. {told}")

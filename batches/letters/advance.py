"""One batch of a redrive: tried outside of any transaction, written in one.

The transaction holds, in this order: the redrive under its lease, the items that wait, the letters' jobs, the letters.
Rows, letters, counters, items and the redrive's own state are committed together, so a worker killed anywhere leaves a
batch that was done, or one that is done again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from batches import kinds
from batches.letters.allowance import left_of_step, pause
from batches.letters.became import Became, put_right, skipped, unreadable
from batches.letters.claim_redrive import LeaseLost, RedriveClaim, mine
from batches.letters.close import close_letters
from batches.letters.fail_again import fail_again
from batches.letters.finish_redrive import finish_redrive
from batches.letters.job_status import lock_jobs
from batches.letters.lock_redrive import lock_redrive
from batches.letters.next_batch import LINES, worn_out
from batches.letters.progress import of_redrive
from batches.letters.put_back import put_back
from batches.letters.settle_items import settle_items
from batches.letters.try_lines import LETTERS, Tried, make_tried_rows, try_lines
from batches.letters.write_back import Written, write_back
from batches.models import DeadLetter, Redrive, RedriveItem
from batches.moves.start import start_late
from batches.moves.wake import wake_movers
from batches.states import ItemStatus, LetterKind, LetterStatus, RedriveStatus
from monitoring import telemetry
from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.metrics.with_rows import add_with_rows

NOT_OPEN = "The letter is {status} by now: somebody else saw to it."


def advance(claim: RedriveClaim, redrive: Redrive, items: list[RedriveItem]) -> None:
    """Do the batch that `next_batch` has marked as begun; without items, finish the redrive.

    LeaseLost, and nothing changed, when the redrive is another's by now or does not run any more. StorageAway when the
    letters' bytes cannot be read now.
    """
    if not items:
        _commit(claim, items, None, {})
    elif worn_out(items[0]):
        _commit(claim, items, None, {items[0].letter_id: _gave_up(items[0])})
    elif items[0].letter.kind in LINES:
        _commit(claim, items, _tried(redrive, items), {})
    else:
        became = put_back(items[0].letter, begun_before=items[0].attempts > 0)
        _commit(claim, items, None, {items[0].letter_id: became})


def _tried(redrive: Redrive, items: list[RedriveItem]) -> Tried:
    letters = list(LETTERS.filter(pk__in=[item.letter_id for item in items], status=LetterStatus.OPEN))
    return make_tried_rows(try_lines(letters, redrive.rule.operations if redrive.rule else []))


def _gave_up(item: RedriveItem) -> Became:
    last = f" The last time: {item.message}." if item.message else ""
    return unreadable(f"It was tried {item.attempts} times, and its worker died or failed each time.{last}")


def _commit(claim: RedriveClaim, items: list[RedriveItem], tried: Tried | None, became: dict[int, Became]) -> None:
    with transaction.atomic():
        redrive = _hold(claim)
        _hold_letters(redrive, items)
        if tried is not None:
            became = _bring_in(redrive, items, tried)
        else:
            _close(redrive, became)
        settle_items(items, became)
        _tell(became)
        _go_on(claim, redrive, became)
    telemetry.event("redrive_advanced", letters=len(became))


def _tell(became: dict[int, Became]) -> None:
    """In the transaction: one row for the batch. Letters that others saw to meanwhile were not tried."""
    tried = [each.status for each in became.values() if each.status != ItemStatus.SKIPPED]
    if tried:
        right = tried.count(ItemStatus.PUT_RIGHT)
        add_with_rows([(deltas.key("batch.redriven", {}), Summary(len(tried), len(tried) - right))])


def _hold(claim: RedriveClaim) -> Redrive:
    """The redrive, if it still is this worker's and runs. Whoever pauses or cancels it waits until the batch is in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [claim.application_name])
    lock_redrive(claim.redrive_id)
    # The row itself stays free: the heart renews the lease there while the batch is being written.
    redrive = mine(claim).select_related("created_by").first()
    if redrive is None:
        raise LeaseLost(f"Lease {claim.lease} of redrive {claim.redrive_id} is not valid any more.")
    return redrive


def _hold_letters(redrive: Redrive, items: list[RedriveItem]) -> None:
    """Lock what the batch is about, in one order for everybody."""
    ids = [item.letter_id for item in items]
    waiting = RedriveItem.objects.select_for_update(no_key=True).filter(redrive=redrive, letter__in=ids)
    held = list(waiting.filter(status=ItemStatus.WAITING).order_by("id").values_list("letter_id", flat=True))
    if len(held) != len(ids):
        raise LeaseLost(f"Letters of redrive {redrive.pk} are done already.")
    lock_jobs(ids)
    list(DeadLetter.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("id").values_list("pk"))


def _bring_in(redrive: Redrive, items: list[RedriveItem], tried: Tried) -> dict[int, Became]:
    """Write the tried letters and close them. Letters that others closed meanwhile are skipped."""
    ids = [item.letter_id for item in items]
    closed = dict(DeadLetter.objects.filter(pk__in=ids).exclude(status=LetterStatus.OPEN).values_list("pk", "status"))
    became = {letter_id: skipped(NOT_OPEN.format(status=status)) for letter_id, status in closed.items()}
    if any(letter.pk in closed for letter in tried.letters):
        # Closed since the batch was tried. It is tried anew without them: of lines about one record, the later counts.
        return became
    became |= {letter_id: unreadable(fault) for letter_id, fault in tried.faults.items() if letter_id not in closed}
    written = write_back(tried)
    became |= {letter_id: put_right(outcome) for letter_id, outcome in written.right.items()}
    images = [letter.record_id for letter in tried.letters if letter.pk in written.right]
    # Should this get lost, the hourly look finds them.
    transaction.on_commit(lambda: _move_images(images), robust=True)
    for name in {chunk.claim.kind for chunk in tried.chunks} if written.right else ():
        transaction.on_commit(kinds.get(name).read, robust=True)
    became |= _failed(redrive, written)
    _close(redrive, became)
    return became


def _move_images(image_ids: list[str]) -> None:
    if start_late(image_ids):
        wake_movers()


def _failed(redrive: Redrive, written: Written) -> dict[int, Became]:
    groups = {parent.pk: parent.group_id for parent, _ in (*written.dead, *written.conflicts)}
    return {
        parent: Became(
            ItemStatus.FAILED,
            "conflict" if child.kind == LetterKind.CONFLICT else "failed_again",
            child.message,
            same_reason=child.group_id == groups[parent],
        )
        for parent, child in fail_again(redrive, written).items()
    }


def _close(redrive: Redrive, became: dict[int, Became]) -> None:
    told = {letter_id: each.message for letter_id, each in became.items() if each.status == ItemStatus.PUT_RIGHT}
    if told:
        close_letters(
            told, LetterStatus.RESOLVED, event="put_right", message=told, actor=redrive.created_by, redrive=redrive.pk
        )


def _go_on(claim: RedriveClaim, redrive: Redrive, became: dict[int, Became]) -> None:
    """When the next batch may begin, or that none will. Fenced: whoever lost the lease meanwhile commits nothing."""
    if RedriveItem.objects.filter(redrive=redrive, status=ItemStatus.WAITING).exists():
        seconds = pause(rate=redrive.rate, letters=len(became))
        changes: dict[str, Any] = {"next_at": Now() + timedelta(seconds=seconds), "last_error": ""}
        if redrive.ramp:
            changes |= {"step": left_of_step(of_redrive(redrive.pk).done), **_stopped(became)}
    elif became:
        changes = {"next_at": Now(), "step": 0, "last_error": ""}  # to be finished at once, whatever the rate
    else:
        changes = finish_redrive(redrive)
    if not mine(claim).update(**changes):
        raise LeaseLost(f"Lease {claim.lease} of redrive {claim.redrive_id} is not valid any more.")


def _stopped(became: dict[int, Became]) -> dict[str, Any]:
    """A ramp stops by itself when letters fail again for the reason they had, or when none of a step was put right."""
    same = [letter_id for letter_id, each in became.items() if each.same_reason]
    failed = [letter_id for letter_id, each in became.items() if each.status == ItemStatus.FAILED]
    if not same and len(failed) < len(became):
        return {}
    first = (same or failed)[0]
    why = "for the reason they had before" if same else "and none was put right"
    reason = (
        f"{len(same or failed):,} of {len(became):,} letters of this step failed again, {why}; letter {first}:"
        f" {became[first].message} Correct the cause or the rule; then resume, or cancel and begin anew."
    )
    return {"status": RedriveStatus.STOPPED, "stop_reason": reason}

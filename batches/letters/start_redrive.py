"""A redrive begins: its set of letters is frozen in the transaction that makes it, and the workers are told."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction

from batches.letters.filters import LetterFilter
from batches.letters.refused import Refused
from batches.letters.takeable import newest_letter, takeable
from batches.letters.wake_redrives import wake_redrives
from batches.models import PatchRule, Redrive
from monitoring import audit, telemetry

PERMISSION = "batches.redrive_deadletter"
MOST_A_MINUTE = 1_000_000

# One statement, so that what is taken and what is counted are one state of the table. The index of letters in hand
# decides between two operators; in the order of their ids, neither waits for what the other waits for.
FREEZE = """
    WITH chosen AS MATERIALIZED ({chosen}),
    taken AS (
        INSERT INTO batches_redriveitem (redrive_id, letter_id, status, outcome, message, attempts)
        SELECT %s, id, 'waiting', '', '', 0 FROM chosen WHERE status = 'open' ORDER BY id
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM chosen WHERE status = 'open'),
        (SELECT count(*) FROM taken)"""


class Started(NamedTuple):
    """`closed` and `in_hand` letters were left out: not open any more, or another redrive's already.

    `again`: the same intent had been sent before; nothing was made, and this is what it had made.
    """

    redrive: Redrive
    taken: int
    closed: int
    in_hand: int
    again: bool = False


def start_redrive(
    which: LetterFilter,
    *,
    actor: User | AnonymousUser | None,
    intent_id: str,
    up_to: int | None = None,
    reason: str = "",
    rule: PatchRule | None = None,
    rate: int | None = None,
    ramp: bool = False,
) -> Started:
    """Freeze the open letters of the filter as a running redrive.

    `up_to`: the newest letter the person was shown (see `preview`); what came later is left out.
    `rate`: letters a minute at most. `ramp`: 1, 5, 25, … letters, each step only when the one before went well.
    `intent_id`: made once for the form that is confirmed, so that sending it twice is one redrive. With `rule`, only
    letters the rule is for are taken. PermissionDenied for whoever may not; BadFilter; Refused, and nothing made,
    when there is nothing to take, or the intent was used for something else.
    """
    filters = which.as_dict()
    by = audit.permit(actor, PERMISSION, action="redrive", subject="redrive", reason=reason, filters=filters)
    _check(intent_id, rate)
    asked = Redrive(
        filters=filters,
        up_to=newest_letter() if up_to is None else up_to,
        group_id=(rule.group_id if rule else None) or which.group or None,
        rule=rule,
        reason=reason,
        rate=rate,
        ramp=ramp,
        step=1 if ramp else 0,
        intent_id=intent_id,
        trace_id=telemetry.new_trace(),
        created_by=by,
    )
    try:
        with transaction.atomic():
            if (known := _known(asked)) is not None:
                return known
            asked.save(force_insert=True)
            started = _freeze(asked, which)
            told: dict[str, Any] = {"filters": filters, "taken": started.taken, "rate": rate, "ramp": ramp}
            audit.record(by, "redrive", "redrive", asked.pk, reason=reason, rule=asked.rule_id, **told)
            transaction.on_commit(wake_redrives)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one has made it.
        if (known := _known(asked)) is None:
            raise
        return known
    telemetry.begin("start redrive", trace_id=asked.trace_id, anchor=True, redrive=asked.pk).end()
    telemetry.event("redrive_started", redrive=asked.pk, letters=started.taken, trace_id=asked.trace_id)
    return started


def _check(intent_id: str, rate: int | None) -> None:
    if not 0 < len(intent_id) <= 64:
        raise Refused("A redrive needs an intent id of 1 to 64 characters.")
    if rate is not None and not 0 < rate <= MOST_A_MINUTE:
        raise Refused(f"A rate is 1 to {MOST_A_MINUTE:,} letters a minute; leave it out for no limit.")


def _known(asked: Redrive) -> Started | None:
    known = Redrive.objects.filter(intent_id=asked.intent_id).first()
    if known is None:
        return None
    same = ("filters", "group_id", "rule_id", "rate", "ramp", "created_by_id")
    if any(getattr(known, name) != getattr(asked, name) for name in same):
        raise Refused(f"This was confirmed as redrive {known.pk} already, with other choices: begin anew.")
    return Started(known, known.total, 0, 0, again=True)


def _freeze(redrive: Redrive, which: LetterFilter) -> Started:
    letters = takeable(which, redrive.rule, redrive.up_to)
    try:
        query, parameters = letters.order_by().values("id", "status").query.sql_with_params()
    except EmptyResultSet:  # Django knows by itself that nothing can be like this: a job that does not exist
        raise Refused(_nothing(0, 0)) from None
    with connection.cursor() as cursor:
        cursor.execute(FREEZE.format(chosen=query), [*parameters, redrive.pk])
        matched, were_open, taken = cursor.fetchone()
    if not taken:
        raise Refused(_nothing(matched, were_open))
    redrive.total = taken
    redrive.save(update_fields=["total"])
    return Started(redrive, taken, matched - were_open, were_open - taken)


def _nothing(matched: int, were_open: int) -> str:
    if not matched:
        return "No letter is like this: there is nothing to redrive."
    if not were_open:
        return f"None of these {matched:,} letters is open any more: there is nothing to redrive."
    return f"All {were_open:,} open letters of these are in hand already: another redrive is at work on them."

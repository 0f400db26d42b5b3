"""The only writer of levels and movements: lines become movements, levels follow, all in one transaction or not at all.

The rows are written by the database's function `inventory_post` (migration 0003). Order of locks: the posting's key,
new levels by product and location, levels by primary key. Docs: architecture.md, "Stock".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from inventory.ledger import low_stock
from inventory.ledger.accepting import Place, check_accepted
from inventory.ledger.again import again
from inventory.ledger.balance import Balance, check_balances
from inventory.ledger.lines import MOST_PIECES, Item, Line, content_of, merged
from inventory.ledger.refused import AlreadyReversed, BadLine, KeyReused, NotAccepted, NothingToPost, Shortage
from inventory.ledger.retrying import retrying, state_of
from inventory.ledger.shapes import check_shape
from inventory.ledger.statements import MORE_TO_IT, POST
from inventory.ledger.words import check_words
from inventory.models import PostingKind, StockPosting
from monitoring import telemetry
from monitoring.context import carried

__all__ = [
    "AlreadyReversed", "BadLine", "Item", "KeyReused", "Line", "NotAccepted", "NothingToPost", "Posted", "Shortage",
    "post",
]  # fmt: skip


class Posted(NamedTuple):
    """`repeated`: the same was posted under this key before; nothing was done now, and this is what was done then."""

    posting: StockPosting
    repeated: bool


def post(
    kind: PostingKind,
    lines: Sequence[Line],
    *,
    key: str,
    actor: User | None,
    reason: str = "",
    reference: str = "",
    reverses: StockPosting | None = None,
    at: datetime | None = None,
) -> Posted:
    """Post `lines` once under `key`. Permission is asked for by the verbs that call this. No actor: the system.

    `at`: when it happened, for a ledger that is taken over from elsewhere in the order of its moments; now otherwise.

    Joins the caller's transaction, if there is one, and then leaves deadlocks to it; otherwise opens its own, and tries
    again what PostgreSQL ended for a deadlock. Raises a StockRefused (see `refused`), and nothing was changed.
    """
    check_words(key=key, reason=reason, reference=reference)
    asked = merged(lines)
    check_shape(kind, asked)
    posting = StockPosting(
        key=key,
        content=content_of(kind, asked, reason, reference, reverses and reverses.pk),
        kind=kind,
        reason=reason,
        reference=reference,
        actor=actor,
        reverses=reverses,
        trace_id=carried().get("trace_id", "")[:32],
        request_id=carried().get("request_id", "")[:64],
    )
    told = _asked(posting, asked) | {"at": at}
    posted = retrying(lambda own: (_alone(posting, told) if own else None) or _looked_at(posting, asked, told, own))
    if not posted.repeated:
        # Not as a row of the posting's transaction: that would cost half as much again as a posting does.
        transaction.on_commit(partial(telemetry.count, "stock.postings", kind=str(kind)), robust=True)
    return posted


def _alone(posting: StockPosting, told: dict[str, Any]) -> Posted | None:
    """One statement, which is its own transaction; None when there is more to it, and nothing was written."""
    try:
        rows = _rows(told | {"own": False, "alone": True})
    except DatabaseError as fault:
        if state_of(fault) == MORE_TO_IT:
            return None
        raise
    return _posted(posting, rows)


def _looked_at(posting: StockPosting, lines: list[Line], told: dict[str, Any], own: bool) -> Posted:
    """In a transaction, which ends well only when nothing has to be refused."""
    with transaction.atomic():
        rows = _rows(told | {"own": own, "alone": False})
        posted = _posted(posting, rows)
        if posted.repeated:
            return posted
        places, balances = [Place(*row[2:6]) for row in rows], [Balance(*row[6:]) for row in rows]
        # What does not hold is rolled back with all that was written.
        check_accepted(PostingKind(posting.kind), lines, places)
        check_balances(lines, places, balances)
        low_stock.settle(_changes(balances))
    return posted


def _rows(told: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(POST, told)
        return list(cursor.fetchall())


def _posted(posting: StockPosting, rows: list[Any]) -> Posted:
    if not rows:
        return Posted(again(posting), repeated=True)
    posting.pk, posting.at, posting._state.adding = rows[0][0], rows[0][1], False
    return Posted(posting, repeated=False)


def _changes(balances: list[Balance]) -> Iterator[low_stock.Change]:
    for balance in balances:
        yield low_stock.Change(balance.level_id, balance.available_before, balance.available, balance.reorder_point)


def _asked(posting: StockPosting, lines: Sequence[Line]) -> dict[str, Any]:
    products, locations, quantities, changes, notes, firsts = map(list, zip(*lines, strict=True))
    return {
        "key": posting.key,
        "content": posting.content,
        "kind": posting.kind,
        "reason": posting.reason,
        "reference": posting.reference,
        "actor": posting.actor_id,
        "reverses": posting.reverses_id,
        "trace": posting.trace_id,
        "request": posting.request_id,
        "products": _array(products),
        "locations": _array(locations),
        "quantities": _array(quantities),
        "changes": _array(changes),
        "firsts": _array(firsts),
        "notes": notes,
        "most": MOST_PIECES,
    }


def _array(values: Iterable[int]) -> str:
    """As the database writes it: the driver's own way takes as long as all else that is said to the server."""
    return f"{{{','.join(map(str, values))}}}"

"""The only writer of levels and movements: lines become movements, levels follow, all in one transaction or not at all.

Order of locks: the posting's key, missing levels by product and location, levels by primary key. Docs: architecture.md,
"Stock".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction

from inventory.ledger import low_stock
from inventory.ledger.accepting import Place, check_accepted
from inventory.ledger.again import again
from inventory.ledger.balance import Balance, check_balances
from inventory.ledger.lines import MOST_PIECES, Item, Line, content_of, merged
from inventory.ledger.refused import AlreadyReversed, BadLine, KeyReused, NotAccepted, NothingToPost, Shortage
from inventory.ledger.retrying import retrying
from inventory.ledger.shapes import check_shape
from inventory.ledger.statements import ADD_LEVELS, OPEN, WRITE
from inventory.ledger.words import check_words
from inventory.models import PostingKind, StockPosting
from monitoring.context import carried

__all__ = [
    "AlreadyReversed", "BadLine", "Item", "KeyReused", "Line", "NotAccepted", "NothingToPost", "Posted", "Shortage",
    "post",
]  # fmt: skip

IDLE = "30s"  # a process that is stopped in the middle loses its locks after that


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
) -> Posted:
    """Post `lines` once under `key`. Permission is asked for by the verbs that call this. No actor: the system.

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
    return retrying(lambda own: _post(posting, asked, IDLE if own else ""))


def _post(posting: StockPosting, lines: list[Line], idle: str) -> Posted:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OPEN, _columns(posting, idle) | _levels(lines))
        rows = cursor.fetchall()
        number, at = rows[0][:2]
        if number is None:
            return Posted(again(posting), repeated=True)
        posting.pk, posting.at, posting._state.adding = number, at, False
        places = [Place(*row[3:7]) for row in rows]
        check_accepted(PostingKind(posting.kind), lines, places)
        if missing := [line for line, row in zip(lines, rows, strict=True) if row[7] is None]:
            cursor.execute(ADD_LEVELS, _levels(missing))
        cursor.execute(WRITE, _asked(posting, lines))
        balances = [Balance(*row) for row in cursor.fetchall()]
        check_balances(lines, places, balances)
        low_stock.settle(_changes(balances))
    return Posted(posting, repeated=False)


def _changes(balances: list[Balance]) -> Iterator[low_stock.Change]:
    for balance in balances:
        yield low_stock.Change(balance.level_id, balance.available_before, balance.available, balance.reorder_point)


def _columns(posting: StockPosting, idle: str) -> dict[str, Any]:
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
        "idle": idle,
    }


def _levels(lines: Sequence[Line]) -> dict[str, Any]:
    return {"products": [line.product_id for line in lines], "locations": [line.location_id for line in lines]}


def _asked(posting: StockPosting, lines: Sequence[Line]) -> dict[str, Any]:
    return _levels(lines) | {
        "posting": posting.pk,
        "kind": posting.kind,
        "at": posting.at,
        "quantities": [line.quantity for line in lines],
        "changes": [line.reserved for line in lines],
        "firsts": [line.reserved_first for line in lines],
        "notes": [line.note for line in lines],
        "most": MOST_PIECES,
    }

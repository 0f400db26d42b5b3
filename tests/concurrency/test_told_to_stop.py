"""A signal ends a child wherever it strikes: also where Django leaves a transaction, and would be in it for ever."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import Atomic

from batches.models import Chunk
from batches.pipeline import copy_rows
from batches.pipeline.work import work
from tests.builders import counts, receipts, run_all, taken_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("outermost", [False, True])
def test_struck_as_a_transaction_is_left_all_is_handed_back(
    small_chunks: None, monkeypatch: pytest.MonkeyPatch, outermost: bool
) -> None:
    taken_in(receipts(range(20)))
    chunks = Chunk.objects.count()
    assert chunks > 2

    with monkeypatch.context() as struck:
        _strike_after_copy(struck, outermost)
        with pytest.raises(SystemExit):
            work()

    # The one in hand and the one that was read ahead, without a try of theirs.
    assert list(Chunk.objects.values_list("status", "attempts", "leased_until")) == [("pending", 0, None)] * chunks
    run_all()
    assert counts() == {"inserted": 20}


def _strike_after_copy(struck: pytest.MonkeyPatch, outermost: bool) -> None:
    """Once rows were copied, whoever leaves such a transaction gets a signal before anything else is done."""
    original, leave = copy_rows.copy_rows, Atomic.__exit__
    armed = threading.local()

    def copy(*args: Any) -> None:
        original(*args)
        armed.here = True

    def struck_exit(atomic: Atomic, *fault: Any) -> Any:
        if getattr(armed, "here", False) and outermost != bool(connection.savepoint_ids):
            armed.here = False
            raise SystemExit
        return leave(atomic, *fault)

    struck.setattr(copy_rows, "copy_rows", copy)
    struck.setattr(Atomic, "__exit__", struck_exit)

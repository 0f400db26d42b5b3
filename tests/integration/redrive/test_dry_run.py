"""A dry run shows what would be, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from batches.letters.dry_run import dry_run
from batches.letters.filters import LetterFilter
from batches.letters.patch import BadRule
from batches.letters.refused import Refused
from batches.models import Chunk, DeadLetter, Transaction
from storage.port import StorageAway
from tests.builders import counts, image, ingested, jsonl, line, path_of, receipts, transaction_id
from tests.concurrency.racing import race
from tests.redrives import ALL, SWAP, a_rule, an_operator, dead_letters, run_redrives, started, wrong_dates

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> list[list[Any]]:
    """Every row of every table a redrive writes to, with where it lies: equal only if nobody touched it."""
    tables = ("chunk", "deadletter", "lettergroup", "lettertally", "letterevent", "transaction", "redriveitem", "job")
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t.ctid::text, t.xmin::text, t::text FROM batches_{table} AS t ORDER BY 1")
            found.append(cursor.fetchall())
    return found


def test_it_shows_rows_before_and_after_and_changes_nothing() -> None:
    ingested(receipts([1, 2]), "before.jsonl")
    lines = [
        line(image(1), date="20/11/2026", amount=5),
        line(image(2), date="03/02/2026"),
        line(image(3), date="20/11/2026"),
    ]
    ingested(jsonl([*lines, line(image(4), date="31/02/2026"), line(image(5), date="2026/11/20")]))
    before = everything()

    shown = dry_run(ALL, actor=an_operator(), operations=SWAP)

    assert everything() == before
    assert [each.outcome for each in shown.shown] == [
        "updated", "unchanged", "inserted", "failed_again", "failed_again",
    ]  # fmt: skip
    assert (shown.taken, shown.whole) == (5, True)
    updated, _, inserted, other, same = shown.shown
    assert {name: tuple(map(str, pair)) for name, pair in updated.changes.items()} == {
        "date": ("2026-02-03", "2026-11-20"),
        "amount": ("1280.00", "5.00"),
    }
    assert updated.transaction_id == transaction_id(image(1))
    assert inserted.changes["date"][0] is None
    assert str(inserted.changes["date"][1]) == "2026-11-20"
    assert ("20/11/2026" in updated.answer_before, "2026-11-20" in updated.answer_after) == (True, True)
    assert (other.same_reason, same.same_reason) == (False, True)
    assert "`2026-02-31` is not a day of the calendar" in other.message


def test_what_is_shown_is_what_happens() -> None:
    ingested(receipts(range(0, 20, 2)), "before.jsonl")
    ingested(wrong_dates(range(20)) + wrong_dates(range(20, 25), "2026/11/20"))
    shown = dry_run(ALL, actor=an_operator(), operations=SWAP).outcomes

    started(rule=a_rule(group=str(DeadLetter.objects.earliest("pk").group_id)))
    run_redrives()

    assert shown == {"updated": 10, "inserted": 10, "failed_again": 5}
    assert counts() == {"inserted": 20, "updated": 10, "dead": 5}


def test_a_sample_is_spread_over_the_set_and_says_so() -> None:
    letters = dead_letters(50)

    shown = dry_run(ALL, actor=an_operator(), operations=SWAP, most=7)

    assert (shown.taken, len(shown.shown), shown.whole) == (50, 7, False)
    places = [letters.index(next(letter for letter in letters if letter.pk == each.letter)) for each in shown.shown]
    assert places[0] == 0
    assert places[-1] > 40


def test_letters_in_hand_are_not_in_it() -> None:
    letters = dead_letters(3)
    started(LetterFilter(ids=str(letters[0].pk)))

    assert dry_run(ALL, actor=an_operator()).taken == 2
    assert dry_run(LetterFilter(job="unknown"), actor=an_operator()).shown == []


def test_a_conflict_is_shown_as_one() -> None:
    ingested(receipts([1]), "before.jsonl")
    Transaction.objects.update(review="confirmed")
    ingested(wrong_dates([1]))

    [shown] = dry_run(ALL, actor=an_operator(), operations=SWAP).shown

    assert (shown.outcome, shown.same_reason) == ("conflict", False)
    assert "confirmed" in shown.message


def test_what_cannot_be_shown_says_why() -> None:
    letters = dead_letters(1)
    assert letters[0].file
    path_of(letters[0].file).unlink()
    ingested(b"", "empty.jsonl")

    shown = dry_run(ALL, actor=an_operator()).shown

    assert [each.outcome for each in shown] == ["unreadable", "not_shown"]
    assert "was deleted" in shown[0].message
    assert "Another version of its file" in shown[1].message


def test_storage_is_read_before_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    dead_letters(1)

    def away(*_: object) -> None:
        assert not connection.in_atomic_block
        raise StorageAway("The bucket does not answer.")

    monkeypatch.setattr("storage.filesystem.RangedFileStorage.blocks", away)

    with pytest.raises(StorageAway):
        dry_run(ALL, actor=an_operator())


def test_it_waits_for_nobody() -> None:
    dead_letters(1)
    operator = an_operator()
    with transaction.atomic():
        Chunk.objects.select_for_update().get()
        [refused] = race([lambda: _refused(lambda: dry_run(ALL, actor=operator, operations=SWAP))])

    assert "Something else is at work" in refused


def _refused(verb: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb()
    return str(refused.value)


def test_no_rule_no_permission() -> None:
    dead_letters(1)

    with pytest.raises(BadRule):
        dry_run(ALL, actor=an_operator(), operations=[{"op": "no"}])
    with pytest.raises(PermissionDenied):
        dry_run(ALL, actor=User.objects.create_user("visitor"))

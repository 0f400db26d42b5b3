"""The comparison of ledger and levels: it finds what is wrong, says where, tells people, and changes nothing."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from inventory import tasks
from inventory.ledger import reconcile as reconciling
from inventory.ledger.compare import compare
from inventory.ledger.reconcile import reconcile
from inventory.ledger.ship import ship
from inventory.models import Reconciliation, StockMovement
from monitoring.models import Notice
from tests.integration.pages import person
from tests.stock import a_key, item, stocked, triggers_off

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("reconcile", stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def answered(row: Reconciliation) -> bool:
    row.refresh_from_db()
    return row.finished_at is not None


def test_they_agree() -> None:
    level = stocked(5)
    ship([item(level, 2)], key=a_key(), actor=None)

    code, text = told()

    row = Reconciliation.objects.get()
    assert (code, row.levels, row.movements, row.differing, row.differences) == (0, 1, 2, 0, [])
    assert row.as_of is not None
    assert row.finished_at is not None
    assert "1 levels, 2 movements" in text
    assert "they agree" in text
    assert not Notice.objects.exists()


def test_a_level_that_was_changed_behind_the_ledger_is_found() -> None:
    stocked(5)
    broken = stocked(7)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET on_hand = 8 WHERE id = %s", [broken.pk])

    code, text = told()

    row = Reconciliation.objects.get()
    (difference,) = row.differences
    assert (code, row.differing) == (1, 1)
    assert (difference["sku"], difference["level_id"]) == (broken.product.sku, broken.pk)
    assert (difference["on_hand"], difference["ledger_on_hand"], difference["last_on_hand"]) == (8, 7, 7)
    assert f"{broken.product.sku} at {broken.location.code}: the level says 8 on hand" in text
    assert Notice.objects.get().link.endswith(f"/reconciliation/{row.pk}/change/")
    broken.refresh_from_db()
    assert broken.on_hand == 8


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE inventory_stocklevel SET reserved = 1",
        "DELETE FROM inventory_stocklevel",
        "UPDATE inventory_stockmovement SET quantity = 4 WHERE quantity = 5",
        "UPDATE inventory_stockmovement SET on_hand_after = 6 WHERE on_hand_after = 5",
        "UPDATE inventory_stockmovement SET on_hand_after = 4 WHERE on_hand_after = 3",
        "UPDATE inventory_stockmovement SET reserved_after = 1 WHERE on_hand_after = 3",
        "DELETE FROM inventory_stockmovement WHERE quantity = 5",
        "DELETE FROM inventory_stockmovement WHERE quantity = -2",
        "DELETE FROM inventory_stockmovement",
    ],
)
def test_any_damage_is_found(damage: str) -> None:
    level = stocked(5)
    ship([item(level, 2)], key=a_key(), actor=None)
    with triggers_off() as cursor:
        cursor.execute(damage)

    assert compare().differing == 1


def test_a_movement_that_does_not_follow_is_named() -> None:
    level = stocked(5)
    ship([item(level, 2)], key=a_key(), actor=None)
    with triggers_off() as cursor:
        # Both hide each other in the sum.
        cursor.execute("UPDATE inventory_stockmovement SET quantity = 6 WHERE quantity = 5")
        cursor.execute("UPDATE inventory_stockmovement SET quantity = -3 WHERE quantity = -2")

    (difference,) = compare().differences
    assert difference["broken_at"] == StockMovement.objects.earliest("pk").pk
    assert difference["on_hand"] == difference["ledger_on_hand"] == 3


def test_more_than_a_hundred_are_counted_and_the_first_hundred_kept() -> None:
    level = stocked(1)
    for _ in range(101):
        stocked(1, location=level.location)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET on_hand = 2")

    found = compare()
    assert (found.levels, found.differing, len(found.differences)) == (102, 102, 100)


def test_asking_leaves_a_row_for_a_worker() -> None:
    asked = reconciling.ask(person("add_reconciliation"))
    assert answered(asked) is False
    tasks.reconcile()
    assert answered(asked) is True
    assert reconciling.answer_all() == 0
    with pytest.raises(PermissionDenied):
        reconciling.ask(person("view_reconciliation", name="viewer"))


def test_a_lost_message_is_answered_by_night() -> None:
    asked = reconciling.ask(person("add_reconciliation"))
    tasks.reconcile_nightly()
    assert answered(asked)
    assert Reconciliation.objects.count() == 2


def test_as_json() -> None:
    stocked(5)
    out = StringIO()
    call_command("reconcile", "--json", stdout=out)
    assert json.loads(out.getvalue())["levels"] == 1


def test_a_level_is_put_right_by_what_its_ledger_says() -> None:
    """docs/operations/stock.md: the trigger lets a level become what its newest movement says."""
    level = stocked(5)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET on_hand = 8")
    type(level).objects.filter(pk=level.pk).update(on_hand=5)
    assert reconcile().differing == 0

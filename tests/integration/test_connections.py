"""What a connection is told as it opens, and keeps through transactions that are rolled back or post stock."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from inventory.ledger.ship import ship
from tests.stock import a_key, item, stocked

pytestmark = pytest.mark.django_db(transaction=True)


def ignored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW pgtrigger.ignore")
        return str(cursor.fetchone()[0])


def test_triggers_find_their_setting_and_need_no_subtransaction() -> None:
    connection.close()
    assert ignored() == "{}"
    ship([item(stocked(3), 1)], key=a_key(), actor=None)
    with transaction.atomic():
        transaction.set_rollback(True)
    assert ignored() == "{}"

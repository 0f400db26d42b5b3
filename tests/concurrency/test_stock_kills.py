"""SIGKILL between the statements of a posting: it leaves all or nothing, and the same key does the rest."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.models import LowStock, StockMovement, StockPosting
from monitoring.models import Notice
from tests.concurrency.posting_process import POINTS
from tests.integration.pages import person
from tests.stock import assert_reconciled, item, stands, stocked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("point", [*POINTS, "after_commit"])
def test_a_killed_posting_leaves_all_or_nothing(point: str, environment: dict[str, str]) -> None:
    level = stocked(10)
    set_reorder_point(
        level.product_id, level.location_id, reorder_point=6, reorder_quantity=9, actor=person("change_stocklevel")
    )
    command = [sys.executable, "-m", "tests.concurrency.posting_process", point, "order-1"]
    done = subprocess.run([*command, str(level.product_id), str(level.location_id)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL

    # Waits for the server to have noticed, if it has not: the key is the dead one's until then.
    posted = ship([item(level, 5)], key="order-1", actor=None)

    assert posted.repeated == (point == "after_commit")
    assert stands(level) == (5, 0)
    assert (StockPosting.objects.count(), StockMovement.objects.count()) == (2, 2)
    assert (LowStock.objects.count(), Notice.objects.count()) == (1, 1)
    assert_reconciled()

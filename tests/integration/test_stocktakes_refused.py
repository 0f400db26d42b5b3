"""Stocktakes that are over, and people who may not: nothing is counted, and nothing posted."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from inventory.models import StockPosting, Stocktake, StocktakeLine
from inventory.stocktakes.add import add_product
from inventory.stocktakes.cancel import cancel_stocktake
from inventory.stocktakes.count import count_line, count_more
from inventory.stocktakes.open import open_stocktake
from inventory.stocktakes.post import LEAVE, post_stocktake
from inventory.stocktakes.refused import Refused
from inventory.stocktakes.verify import verify
from monitoring.models import AuditEntry
from tests.integration.pages import person
from tests.stock import a_product, stands, stocked
from tests.stocktakes import a_counter, counted, line_of, opened

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cancelled_one_changes_nothing_and_stays_to_be_read() -> None:
    counter = a_counter()
    level = stocked(10)
    stocktake = opened(level, counter)
    line = counted(stocktake, level, 9, counter)
    cancel_stocktake(stocktake.pk, actor=counter, reason="The wrong shop.")

    for refused in (
        lambda: post_stocktake(stocktake.pk, actor=counter, uncounted=LEAVE),
        lambda: count_line(line.pk, 3, version=line.version, actor=counter),
        lambda: add_product(stocktake.pk, a_product().pk, actor=counter),
        lambda: cancel_stocktake(stocktake.pk, actor=counter, reason="Again."),
    ):
        with pytest.raises(Refused):
            refused()
    assert stands(level) == (10, 0)
    assert StocktakeLine.objects.get().counted == 9
    assert AuditEntry.objects.filter(action="cancel", subject="stocktake", reason="The wrong shop.").exists()


def test_nobody_counts_or_posts_without_the_permission() -> None:
    counter, visitor = a_counter(), person("view_stocktake", name="visitor")
    level = stocked(10)
    stocktake = opened(level, counter)
    line = line_of(stocktake, level)
    for refused in (
        lambda: open_stocktake(location_id=level.location_id, actor=visitor),
        lambda: count_line(line.pk, 3, version=1, actor=visitor),
        lambda: count_more(line.pk, 3, actor=visitor),
        lambda: verify(line.pk, version=1, shown=10, actor=visitor),
        lambda: add_product(stocktake.pk, level.product_id, actor=visitor),
        lambda: post_stocktake(stocktake.pk, actor=visitor, uncounted=LEAVE),
        lambda: cancel_stocktake(stocktake.pk, actor=visitor, reason="No."),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert Stocktake.objects.get().status == "open"
    assert StockPosting.objects.filter(kind="count").count() == 0
    assert AuditEntry.objects.filter(actor=visitor, allowed=False).count() == 7

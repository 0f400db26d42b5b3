"""With many products and movements: each question of the stock pages has its index, and pages keep their budget."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.db.models import Model, QuerySet, Sum
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from benchmarks.many_stock import build
from inventory import balances, cover
from inventory.admin.level import StockLevelAdmin
from inventory.models import Location, StockLevel, StockMovement, StocktakeLine
from inventory.models.level import COVER
from inventory.pages.stocktake_rows import chosen
from inventory.states import IN_STATE, LevelState
from inventory.stocktakes.differences import progress
from inventory.stocktakes.moved import NEWEST
from inventory.stocktakes.open import open_stocktake
from tests.at_size import standing
from tests.integration.pages import BUDGET, MARKS, signed_in
from tests.stocktakes import a_counter

pytestmark = [pytest.mark.django_db, MARKS[1]]
# 100,000 levels and 500,000 movements when asked for; the planner chooses as well from a fifth of that.
PRODUCTS = int(os.environ.get("NIGHTSHELF_MANY_PRODUCTS", "20000"))
# Movements of one product: more than a page, and so few of all that walking back through all is no way to find them.
HOT = 500


@pytest.fixture(scope="module")
def _shop(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with standing(django_db_blocker, lambda: build(products=PRODUCTS, hot=HOT)):
        yield


@pytest.fixture
def many(_shop: None) -> StockLevel:
    return StockLevel.objects.order_by("pk")[100]


def plan_of(sql: str, parameters: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def goes_by(question: QuerySet[Any], index: str, table: type[Model]) -> None:
    plan = question.explain()
    assert index in plan, plan
    assert f"Seq Scan on {table._meta.db_table}" not in plan, plan


def test_what_is_made_agrees_with_its_ledger(many: StockLevel) -> None:
    assert StockLevel.objects.count() >= PRODUCTS
    assert StockMovement.objects.count() >= 5 * PRODUCTS
    summed = StockMovement.objects.order_by().values("product", "location").annotate(pieces=Sum("quantity"))
    ledger = {(row["product"], row["location"]): row["pieces"] for row in summed}
    assert ledger == {(p, place): pieces for p, place, pieces in StockLevel.objects.order_by().values_list(
        "product_id", "location_id", "on_hand")}  # fmt: skip
    assert min(ledger.values()) >= 0


def test_levels_go_by_their_indexes(many: StockLevel) -> None:
    levels, small = StockLevel.objects.order_by("product_id", "location_id"), Location.objects.order_by("-pk")[0]
    goes_by(levels[:51], "level_once", StockLevel)
    goes_by(levels.filter(location=small)[:51], "level_by_location", StockLevel)
    goes_by(levels.order_by(COVER.asc(nulls_last=True), "pk")[:51], "level_by_cover", StockLevel)
    asked = RequestFactory().get("/")
    found, _ = StockLevelAdmin(StockLevel, site).get_search_results(asked, levels, "77777")
    goes_by(found[:51], "product_by_pairs", StockLevel)
    # What is out, or low, is found by the partial indexes where it is rare, and by walking where it is not.
    for state in LevelState:
        plan = levels.filter(IN_STATE[state])[:51].explain(analyze=True)
        assert "Seq Scan on inventory_stocklevel" not in plan or state == LevelState.OUT


def test_days_of_cover_look_at_the_levels_of_the_page_alone(many: StockLevel) -> None:
    since = timezone.now() - timedelta(days=30)
    page = list(StockLevel.objects.order_by("pk").values_list("pk", flat=True)[:50])
    plan = plan_of(cover.LEFT, [since, ["shipment", "adjustment"], page])
    assert "Index Only Scan using movement_by_level_at" in plan or "movement_by_level_at" in plan, plan
    assert "Seq Scan on inventory_stockmovement" not in plan


def test_a_history_goes_by_its_indexes(many: StockLevel) -> None:
    hot = StockMovement.objects.order_by("pk")[0].product_id
    # Of a handful of movements the other index that begins with the product is as good, and either may be taken.
    for product, index in ((many.product_id, "Index Cond: (product_id"), (hot, "movement_by_product")):
        moved = StockMovement.objects.filter(product=product).order_by("-pk")
        goes_by(moved[:51], index, StockMovement)
        goes_by(moved.filter(pk__lt=10**9)[:51], index.removeprefix("Index Cond: "), StockMovement)
        one = moved.filter(location=many.location_id)[:51]
        assert "Seq Scan" not in one.explain()
    asked = {"product": hot, "locations": [many.location_id], "since": timezone.now() - timedelta(days=30),
             "until": timezone.now(), "step": timedelta(hours=6)}  # fmt: skip
    plan = plan_of(balances.AT, asked)
    assert "movement_by_level_at" in plan, plan
    assert "Seq Scan on inventory_stockmovement" not in plan


# All but a tenth are counted, and one in a hundred differs.
COUNT = """
    UPDATE inventory_stocktakeline SET counted = expected + (id % 100 = 0)::int, on_hand_then = expected,
        movement_then = movement_at_open WHERE id % 10 <> 0 OR id % 100 = 0"""


@pytest.fixture
def taken(many: StockLevel) -> Any:
    stocktake = open_stocktake(location_id=many.location_id, actor=a_counter()).stocktake
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        cursor.execute("ANALYZE inventory_stocktakeline")
    return stocktake


def test_a_stocktakes_lines_go_by_their_indexes(taken: Any) -> None:
    for show, index in {
        "all": "stocktakeline",  # all lines are of this one: their own index, or the primary key's
        "uncounted": "stocktake_line_uncounted",
        "differing": "stocktake_line_differing",
    }.items():
        _, lines = chosen(taken, {"show": show}, blind=False)
        goes_by(lines.order_by("pk")[:51], index, StocktakeLine)
    page = list(taken.lines.order_by("pk").values_list("pk", flat=True)[:50])
    plan = plan_of(NEWEST, [5, page])
    assert "movement_by_level" in plan, plan
    assert "Seq Scan on inventory_stockmovement" not in plan
    assert progress(taken.pk).lines >= PRODUCTS - PRODUCTS // 300 - 1


def test_the_pages_keep_their_budget(taken: Any, many: StockLevel) -> None:
    client: Client = signed_in(
        "view_stocklevel", "view_stockmovement", "view_stockposting", "view_stocktake", "change_stocktake",
        "count_stock", name="clerk",
    )  # fmt: skip
    for address in (
        reverse("admin:inventory_stocklevel_changelist"),
        f"{reverse('admin:inventory_stocklevel_changelist')}?order=cover",
        reverse("admin:inventory_history", args=[many.product_id]),
        reverse("admin:inventory_stockmovement_changelist"),
        reverse("admin:inventory_stockposting_changelist"),
        reverse("admin:inventory_stocktake_change", args=[taken.pk]),
        reverse("admin:inventory_stocktake_review", args=[taken.pk]),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= BUDGET, address

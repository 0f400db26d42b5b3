"""Levels, history, postings and locations on their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inventory.balances import balances
from inventory.cover import left_of
from inventory.ledger.add_up_demand import add_up_demand
from inventory.ledger.adjust import adjust
from inventory.ledger.reserve import reserve
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.models import Location, LowStock, StockLevel, StockPosting
from inventory.states import IN_STATE, LevelState, state_of
from monitoring.models import AuditEntry
from tests.catalog import a_category
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of
from tests.stock import a_key, a_location, a_product, item, stands, stocked, triggers_off

pytestmark = MARKS
LEVELS = "/admin/inventory/stocklevel/"
SEES = ("view_stocklevel", "view_stockmovement", "view_stockposting", "view_location")


@pytest.fixture
def clerk() -> Client:
    return signed_in(*SEES, "reverse_stock", "change_stocklevel", "add_location", "change_location", name="clerk")


def shown(client: Client, **asked: Any) -> list[StockLevel]:
    response = client.get(LEVELS, asked)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def low(level: StockLevel, point: int) -> None:
    StockLevel.objects.filter(pk=level.pk).update(reorder_point=point)


def test_a_level_is_out_low_or_in_stock_and_filtered_by_it(clerk: Client) -> None:
    out, below, at, fine, never = (stocked(10) for _ in range(5))
    reserve([item(out, 10)], key=a_key(), actor=None)
    for level, point in ((out, 5), (below, 11), (at, 10), (fine, 9)):
        low(level, point)
    assert shown(clerk, state="out") == [out]
    assert shown(clerk, state="low") == [below, at]
    assert shown(clerk, state="ok") == [fine, never]
    for state, which in IN_STATE.items():
        assert {state_of(level) for level in StockLevel.objects.filter(which)} == {state}
    html = text_of(clerk.get(LEVELS))
    assert "Out of stock" in html
    assert "Below reorder point" in html


def test_levels_are_found_by_location_category_and_words(clerk: Client) -> None:
    food = a_category("Food")
    tea = a_category("Tea", food)
    one = stocked(1, a_product(name="Sencha ほうじ茶", category=tea))
    two = stocked(1, a_product(name="Soap"))
    assert shown(clerk, location=one.location_id) == [one]
    assert shown(clerk, category=food.pk) == [one]
    assert shown(clerk, q="ホウジ") == [one]
    assert shown(clerk, q=two.product.sku.lower()) == [two]
    assert shown(clerk, q="nothing like it") == []


def test_cover_is_what_left_in_thirty_days_and_comes_first(clerk: Client) -> None:
    slow, quick, still, gone = (stocked(100) for _ in range(4))
    ship([item(slow, 10)], key=a_key(), actor=None)
    ship([item(quick, 60)], key=a_key(), actor=None)
    adjust([item(quick, -10)], key=a_key(), actor=None, reason="Used.")
    adjust([item(still, 10)], key=a_key(), actor=None, reason="Found.")
    ship([item(gone, 50)], key=a_key(), actor=None)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stockmovement SET at = now() - interval '31 days' WHERE product_id = %s",
                       [gone.product_id])  # fmt: skip

    assert left_of([slow, quick, still, gone]) == {slow.pk: 10, quick.pk: 70}
    assert add_up_demand() == 2
    by_cover = shown(clerk, order="cover")
    assert by_cover[:2] == [quick, slow]
    assert {level.pk for level in by_cover[2:]} == {still.pk, gone.pk}
    html = text_of(clerk.get(LEVELS))
    assert "no movement" in html
    assert "70 in 30 days" in html


def test_demand_is_added_up_again_as_it_changes(clerk: Client) -> None:
    level = stocked(100)
    ship([item(level, 10)], key=a_key(), actor=None)
    assert (add_up_demand(), add_up_demand()) == (1, 0)
    ship([item(level, 5)], key=a_key(), actor=None)
    add_up_demand()
    assert StockLevel.objects.get().demand == 15
    assert add_up_demand(timezone.now() + timedelta(days=31)) == 1
    assert StockLevel.objects.get().demand == 0
    assert "last added up, every five minutes" in text_of(clerk.get(LEVELS, {"order": "cover"}))
    assert "last added up, every five minutes" not in text_of(clerk.get(LEVELS))


def test_totals_by_location(clerk: Client) -> None:
    here = a_location(code="GINZA")
    stocked(10, location=here)
    out = stocked(3, location=here)
    ship([item(out, 3)], key=a_key(), actor=None)
    totals = {total.code: total for total in clerk.get(LEVELS).context["totals"]}
    assert (totals["GINZA"].products, totals["GINZA"].on_hand, totals["GINZA"].out) == (2, 10, 1)


def test_the_reorder_point_is_set_and_low_stock_follows(clerk: Client) -> None:
    level = stocked(10)
    address = reverse("admin:inventory_reorder", args=[level.pk])
    seen = {"seen_point": 0, "seen_quantity": 0}
    clerk.post(address, {"point": 12, "quantity": 60, **seen})
    level.refresh_from_db()
    assert (level.reorder_point, level.reorder_quantity) == (12, 60)
    assert LowStock.objects.get().level == level
    late = clerk.post(address, {"point": 5, "quantity": 5, **seen})
    assert late.status_code == 422
    assert "Somebody else set them to 12 and 60" in text_of(late)
    assert clerk.post(address, {"point": -1, "quantity": 0, **seen}).status_code == 422
    assert signed_in(*SEES, name="visitor").post(address, {"point": 1, "quantity": 1, **seen}).status_code == 403
    level.refresh_from_db()
    assert (level.reorder_point, level.reorder_quantity) == (12, 60)


def test_a_levels_page(clerk: Client) -> None:
    level = stocked(10)
    set_reorder_point(
        level.product_id, level.location_id, reorder_point=20, reorder_quantity=5, actor=User.objects.get()
    )
    html = text_of(clerk.get(reverse("admin:inventory_stocklevel_change", args=[level.pk])))
    assert "Below reorder point" in html
    assert "nothing left in 30 days" in html


def test_a_history_tells_who_why_and_what_was_left(clerk: Client) -> None:
    level = stocked(10)
    adjust([item(level, -3)], key=a_key(), actor=None, reason="Fell off the shelf.", reference="R 7")
    other = stocked(5, level.product)
    address = reverse("admin:inventory_history", args=[level.product_id])
    html = text_of(clerk.get(address))
    assert "Fell off the shelf." in html
    assert "−3" in html
    assert 'data-type="line"' in html
    which: dict[str, Any] = {"location": other.location_id, "days": "7"}
    only = clerk.get(address, which).context["movements"]
    assert [movement.location_id for movement in only] == [other.location_id]
    assert [one.kind for one in clerk.get(address, {"kind": "adjustment"}).context["movements"]] == ["adjustment"]
    assert signed_in(name="nobody").get(address).status_code == 403
    assert clerk.get(reverse("admin:inventory_history", args=[10**9])).status_code == 404


def test_balances_are_those_of_each_moment() -> None:
    level = stocked(10)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stockmovement SET at = now() - interval '3 days'")
    ship([item(level, 4)], key=a_key(), actor=None)
    now = timezone.now() + timedelta(seconds=1)
    (points,) = balances(level.product_id, [level.location], 6, now).values()
    by_day = [pieces for _, pieces in points]
    assert (by_day[0], by_day[59], by_day[61], by_day[119], by_day[120]) == (0, 0, 10, 10, 6)


def test_older_movements_are_reached_in_pages(clerk: Client) -> None:
    level = stocked(100)
    for _ in range(60):
        ship([item(level, 1)], key=a_key(), actor=None)
    first = clerk.get(reverse("admin:inventory_history", args=[level.product_id]))
    second = clerk.get(first.context["next_url"])
    after = [movement.on_hand_after for page in (first, second) for movement in page.context["movements"]]
    assert after == list(range(40, 101))


def test_a_posting_is_taken_back_once_from_its_page(clerk: Client) -> None:
    level = stocked(10)
    posting = StockPosting.objects.get()
    page = reverse("admin:inventory_stockposting_change", args=[posting.pk])
    assert "Take back" in text_of(clerk.get(page))
    address = reverse("admin:inventory_reverse", args=[posting.pk])
    assert clerk.post(address, {"reason": ""}).status_code == 422
    clerk.post(address, {"reason": "Delivered to the wrong shop."})
    clerk.post(address, {"reason": "Once more."})
    assert stands(level) == (0, 0)
    assert StockPosting.objects.filter(kind="reversal").count() == 1
    html = text_of(clerk.get(page))
    assert "It was taken back." in html
    assert "Take back …" not in html
    visitor = signed_in(*SEES, name="visitor")
    assert visitor.post(address, {"reason": "x"}).status_code == 403
    assert "Take back …" not in text_of(visitor.get(page))


def test_a_posting_that_is_gone_since_says_so(clerk: Client) -> None:
    level = stocked(10)
    posting = StockPosting.objects.get()
    ship([item(level, 8)], key=a_key(), actor=None)
    answer = clerk.post(reverse("admin:inventory_reverse", args=[posting.pk]), {"reason": "Wrong."})
    assert answer.status_code == 422
    assert "too many" in text_of(answer)
    assert stands(level) == (2, 0)


def test_locations_are_made_and_kept(clerk: Client) -> None:
    clerk.post("/admin/inventory/location/add/", {"code": "GINZA", "name": "Shop in Ginza", "is_active": "on"})
    location = Location.objects.get()
    assert AuditEntry.objects.filter(subject="location", subject_id=str(location.pk), action="add").exists()
    again = clerk.post("/admin/inventory/location/add/", {"code": "ginza", "name": "Other", "is_active": "on"})
    assert again.status_code == 200
    assert Location.objects.count() == 1


@pytest.mark.parametrize(
    "page",
    [
        LEVELS,
        f"{LEVELS}?order=cover",
        "/admin/inventory/stockmovement/",
        "/admin/inventory/stockposting/",
        "level",
        "history",
    ],
)
def test_the_pages_keep_their_budget(clerk: Client, page: str) -> None:
    levels = [stocked(5, a_product()) for _ in range(30)]
    if page == "level":
        page = reverse("admin:inventory_stocklevel_change", args=[levels[0].pk])
    if page == "history":
        page = reverse("admin:inventory_history", args=[levels[0].product_id])
    clerk.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert clerk.get(page).status_code == 200
    assert len(queries) <= BUDGET


def test_lists_are_not_for_everybody() -> None:
    level = stocked(5)
    nobody = signed_in(name="nobody")
    for address in (
        LEVELS, "/admin/inventory/stockmovement/", "/admin/inventory/stockposting/", "/admin/inventory/stocktake/",
        reverse("admin:inventory_stocklevel_change", args=[level.pk]),
        reverse("admin:inventory_stockposting_change", args=[StockPosting.objects.get().pk]),
    ):  # fmt: skip
        assert nobody.get(address).status_code == 403


def test_a_movement_is_shown_in_its_posting(clerk: Client) -> None:
    stocked(5)
    posting = StockPosting.objects.get()
    movement = posting.movements.get()
    found = clerk.get(reverse("admin:inventory_stockmovement_change", args=[movement.pk]))
    assert found["Location"] == reverse("admin:inventory_stockposting_change", args=[posting.pk])


def test_states_have_words() -> None:
    assert [state.label for state in LevelState] == ["Out of stock", "Below reorder point", "In stock"]

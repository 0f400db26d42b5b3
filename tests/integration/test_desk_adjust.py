"""Adjusting a level on its page: before and after, and what others did meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from inventory.models import StockLevel, StockPosting
from tests.integration.pages import MARKS, signed_in, text_of
from tests.stock import a_location, a_product, stands, stocked

pytestmark = MARKS
PAGE = "/admin/inventory/stocklevel/adjust/"


@pytest.fixture
def clerk() -> Client:
    return signed_in("adjust_stock", "view_stocklevel", "view_stockposting", "view_stockmovement", name="clerk")


def form(client: Client, level: StockLevel, **more: Any) -> dict[str, Any]:
    asked = {"product": level.product_id, "location": level.location_id}
    shown = client.get(PAGE, asked).context["form"]
    hidden = {name: shown[name].value() for name in ("key", "seen", "newest")}
    return {**asked, **hidden, "mode": "set", "why": "correction", "text": "", "step": "post", **more}


def test_set_to_and_changed_by(clerk: Client) -> None:
    level = stocked(10)
    clerk.post(PAGE, form(clerk, level, quantity=7, why="damaged", text="Fell off the shelf"))
    assert stands(level) == (7, 0)
    clerk.post(PAGE, form(clerk, level, mode="change", quantity=-2, why="other", text="For the window"))
    assert stands(level) == (5, 0)
    reasons = StockPosting.objects.filter(kind="adjustment").order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["Damaged: Fell off the shelf", "For the window"]


def test_sent_twice_it_is_adjusted_once(clerk: Client) -> None:
    level = stocked(10)
    sent = form(clerk, level, mode="change", quantity=-3)
    first, again = clerk.post(PAGE, sent), clerk.post(PAGE, sent)
    assert stands(level) == (7, 0)
    assert first["Location"] == again["Location"]
    assert "nothing was done twice" in text_of(clerk.get(again["Location"]))


def test_sent_again_with_something_else_it_asks(clerk: Client) -> None:
    level = stocked(10)
    sent = form(clerk, level, mode="change", quantity=-3)
    clerk.post(PAGE, sent)
    other = clerk.post(PAGE, sent | {"quantity": -4})
    assert other.status_code == 422
    assert "was posted before" in text_of(other)
    assert stands(level) == (7, 0)


def test_what_another_did_meanwhile_is_said_and_nothing_is_lost(clerk: Client) -> None:
    level = stocked(10)
    sent = form(clerk, level, quantity=8, text="Counted by hand")
    stocked(5, level.product, level.location)

    asked = clerk.post(PAGE, sent)

    html = text_of(asked)
    assert asked.status_code == 422
    assert "15 on hand now, not 10" in html
    assert "+5 by the system" in html
    assert (asked.context["form"]["quantity"].value(), asked.context["form"]["text"].value()) == (
        "8",
        "Counted by hand",
    )
    assert stands(level) == (15, 0)
    again = asked.context["form"]
    clerk.post(PAGE, sent | {name: again[name].value() for name in ("key", "seen", "newest")})
    assert stands(level) == (8, 0)


def test_without_scripts_it_shows_what_it_comes_to(clerk: Client) -> None:
    level = stocked(10)
    shown = clerk.post(PAGE, form(clerk, level, mode="change", quantity=-4, step="show"))
    assert shown.context["wanted"].after == 6
    assert stands(level) == (10, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": "few"}, "Type a whole number."),
        ({"quantity": ""}, "Say how many"),
        ({"quantity": "-1"}, "There cannot be fewer than none"),
        ({"why": ""}, "Choose a reason"),
        ({"why": "other"}, "Say in words why"),
        ({"quantity": "10"}, "nothing to post"),
        ({"mode": "change", "quantity": "-11"}, "too many"),
    ],
)
def test_bad_input_gets_a_sentence(clerk: Client, change: dict[str, Any], said: str) -> None:
    level = stocked(10)
    response = clerk.post(PAGE, form(clerk, level, quantity=3) | change)
    assert response.status_code == 422
    assert said in text_of(response)
    assert stands(level) == (10, 0)


def test_a_product_that_never_was_there(clerk: Client) -> None:
    product, here = a_product(), a_location()
    level = StockLevel(product=product, location=here)
    clerk.post(PAGE, form(clerk, level, quantity=4, why="found"))
    assert StockLevel.objects.get().on_hand == 4


def test_which_level_is_asked_by_code(clerk: Client) -> None:
    level = stocked(10)
    where: dict[str, Any] = {"location": level.location_id}
    asked = clerk.get(PAGE, {"code": level.product.sku.lower(), **where})
    assert asked.context["on_hand"] == 10
    unknown = clerk.get(PAGE, {"code": "NOBODY", **where})
    assert unknown.status_code == 422
    assert "No product has the SKU or barcode NOBODY" in text_of(unknown)

"""Stocktakes on their pages: opened, counted line by line, looked through, posted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.ledger.ship import ship
from inventory.models import StockPosting, Stocktake, StocktakeLine
from tests.integration.pages import BUDGET, MARKS, person, signed_in, text_of
from tests.stock import a_key, a_location, a_product, item, stands, stocked
from tests.stocktakes import COUNTS, POSTS, line_of, opened

pytestmark = MARKS
OPEN = "/admin/inventory/stocktake/open/"


@pytest.fixture
def keeper() -> User:
    return person(*POSTS, "view_stockposting", "view_stockmovement", name="keeper")


@pytest.fixture
def client(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def at(stocktake: Stocktake, page: str = "change", *more: object) -> str:
    return reverse(f"admin:inventory_stocktake_{page}", args=[stocktake.pk, *more])


def row(client: Client, stocktake: Stocktake, line: StocktakeLine, **more: Any) -> Any:
    """The line's form as its page shows it, changed, and sent as htmx does."""
    shown = next(one for one in client.get(at(stocktake)).context["rows"] if one.line.pk == line.pk)
    sent = {"version": shown.line.version, "was": shown.was, "counted": shown.value, "step": "count"}
    if shown.books is not None:
        sent["shown"] = shown.books
    if shown.line.counted is not None or shown.books is None:
        sent["counted_before"] = "1"
    return client.post(at(stocktake, "line", line.pk), sent | more, headers={"HX-Request": "true"})


def test_opened_counted_reviewed_and_posted(client: Client) -> None:
    tea, soap = stocked(10, a_product(sku="TEA", price=100)), a_product(sku="SOAP")
    other = stocked(4, soap, tea.location)
    done = client.post(OPEN, {"location": tea.location_id, "category": "", "way": "prefilled", "note": "Autumn"})
    stocktake = Stocktake.objects.get()
    assert done["Location"] == at(stocktake)

    saved = row(client, stocktake, line_of(stocktake, tea), counted="8")
    ticked = row(client, stocktake, line_of(stocktake, other), verified="1", step="")
    assert "Saved" in text_of(saved)
    assert 'hx-swap-oob="true"' in text_of(saved)
    assert line_of(stocktake, other).verified
    assert "as the books" in text_of(ticked)

    review = text_of(client.get(at(stocktake, "review")))
    assert review.count("−200") == 2  # together, and of the line
    posted = client.post(at(stocktake, "review"), {"reason": "Autumn"})
    again = client.post(at(stocktake, "review"), {"reason": "Autumn"})
    posting = StockPosting.objects.get(kind="count")
    assert posted["Location"] == again["Location"] == reverse("admin:inventory_stockposting_change", args=[posting.pk])
    assert (stands(tea), stands(other)) == ((8, 0), (4, 0))
    assert "Posted by keeper" in text_of(client.get(at(stocktake)))


def test_a_conflict_is_shown_with_what_was_typed(client: Client, keeper: User) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    line = line_of(stocktake, tea)
    mine = {"version": line.version, "was": "10", "shown": "10", "counted": "7", "step": "count"}
    other = Client()
    other.force_login(person(*COUNTS, name="mika"))
    row(other, stocktake, line, counted="9")

    conflict = text_of(client.post(at(stocktake, "line", line.pk), mine, headers={"HX-Request": "true"}))

    assert "mika counted 9 here while you counted 7" in conflict
    assert 'value="7"' in conflict
    assert "Save mine" in conflict
    assert line_of(stocktake, tea).counted == 9
    row(client, stocktake, line, counted="7")
    assert line_of(stocktake, tea).counted == 7


def test_the_books_figure_is_not_accepted_stale(client: Client, keeper: User) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    line = line_of(stocktake, tea)
    stale = {"version": line.version, "was": "10", "shown": "10", "counted": "10", "step": "count"}
    ship([item(tea, 4)], key=a_key(), actor=None)

    answer = text_of(client.post(at(stocktake, "line", line.pk), stale, headers={"HX-Request": "true"}))

    assert "The books say 6 by now, not 10" in answer
    assert line_of(stocktake, tea).counted is None


def test_without_scripts_a_line_is_saved_by_its_button(client: Client, keeper: User) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    line = line_of(stocktake, tea)
    sent = {"version": line.version, "was": "10", "shown": "10", "counted": "9", "step": "count"}
    back = client.post(at(stocktake, "line", line.pk), sent)
    assert back.status_code == 302
    assert line_of(stocktake, tea).counted == 9
    assert f'id="line-{line.pk}"' in text_of(client.get(back["Location"]))


@pytest.mark.parametrize("typed", ["", "many", "-1", "1.5", "99999999999"])
def test_what_is_no_count_is_said_and_kept(client: Client, keeper: User, typed: str) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    answer = row(client, stocktake, line_of(stocktake, tea), counted=typed)
    assert 'role="alert"' in text_of(answer)
    assert typed in text_of(answer)
    assert line_of(stocktake, tea).counted is None


def test_a_line_that_was_counted_is_counted_again_by_its_button(client: Client, keeper: User) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    line = line_of(stocktake, tea)
    row(client, stocktake, line, counted="10")
    ship([item(tea, 1)], key=a_key(), actor=None)
    row(client, stocktake, line, counted="10")
    line.refresh_from_db()
    assert (line.counted, line.on_hand_then) == (10, 9)


def test_a_blind_count_shows_nothing_of_the_books(client: Client, keeper: User) -> None:
    tea = stocked(7531)
    stocktake = opened(tea, keeper, blind=True)
    html = text_of(client.get(f"{at(stocktake)}?show=differing"))
    saved = text_of(row(client, stocktake, line_of(stocktake, tea), counted="7530"))
    for page in (html, saved):
        assert "7,531" not in page
        assert "7531" not in page
        assert "−1" not in page
        assert "Differing" not in page
    assert "7,531" in text_of(client.get(at(stocktake, "review")))


def test_scanning_finds_counts_and_adds(client: Client, keeper: User) -> None:
    tea, found = stocked(10, a_product(sku="TEA", barcode="4901234567894")), a_product(sku="FOUND")
    stocktake = opened(tea, keeper)
    line = line_of(stocktake, tea)

    def scan(code: str, **more: str) -> Any:
        return client.post(at(stocktake, "scan"), {"code": code, **more}, follow=True)

    assert scan("4901234567894").context["current"]["row"].line == line
    for _ in range(3):
        scan("tea", each="1")
    assert line_of(stocktake, tea).counted == 3
    assert "is not on the list" in text_of(scan("FOUND"))
    scan("FOUND", add="1")
    assert StocktakeLine.objects.get(product=found).found
    assert "No product has the SKU or barcode NOBODY" in text_of(scan("NOBODY"))


def test_who_may_only_look_sees_no_buttons_and_is_refused(keeper: User) -> None:
    tea = stocked(10)
    stocktake = opened(tea, keeper)
    visitor = signed_in("view_stocktake", name="visitor")
    html = text_of(visitor.get(at(stocktake)))
    assert "Save" not in html
    assert "Review and post" not in html
    line = line_of(stocktake, tea)
    forged = {"version": 1, "counted": "0", "code": tea.product.sku, "reason": "x", "uncounted": "zero",
              "location": tea.location_id, "way": "blind"}  # fmt: skip
    for page in (
        at(stocktake, "line", line.pk),
        at(stocktake, "scan"),
        at(stocktake, "review"),
        at(stocktake, "cancel"),
        OPEN,
    ):
        assert visitor.post(page, forged).status_code == 403
    assert visitor.get(at(stocktake, "review")).status_code == 403
    assert stands(tea) == (10, 0)
    assert StocktakeLine.objects.get().counted is None


def test_a_line_of_another_stocktake_is_not_reached(client: Client, keeper: User) -> None:
    one, two = stocked(1), stocked(1)
    first, second = opened(one, keeper), opened(two, keeper)
    line = line_of(second, two)
    sent = {"version": 1, "was": "", "counted": "5", "step": "count"}
    answer = client.post(at(first, "line", line.pk), sent, headers={"HX-Request": "true"})
    assert "not in the stocktake any more" in text_of(answer)
    assert line_of(second, two).counted is None


def test_cancelled_with_a_reason(client: Client, keeper: User) -> None:
    stocktake = opened(stocked(1), keeper)
    assert client.post(at(stocktake, "cancel"), {"reason": ""}).status_code == 422
    client.post(at(stocktake, "cancel"), {"reason": "The wrong shop."})
    stocktake.refresh_from_db()
    assert stocktake.status == "cancelled"
    assert "Cancelled by keeper" in text_of(client.get(at(stocktake)))


def test_the_pages_keep_their_budget(client: Client, keeper: User) -> None:
    here = a_location()
    levels = [stocked(5, a_product(sku=f"P-{number:03}"), here) for number in range(60)]
    stocktake = opened(levels[0], keeper)
    for level in levels[:30]:
        row(client, stocktake, line_of(stocktake, level), counted="4")
    for page in (
        at(stocktake),
        at(stocktake, "review"),
        f"{at(stocktake)}?show=moved",
        OPEN,
        "/admin/inventory/stocktake/",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert len(queries) <= BUDGET, page


def test_lines_are_walked_in_pages_and_searched(client: Client, keeper: User) -> None:
    here = a_location()
    levels = [stocked(5, a_product(sku=f"P-{number:03}"), here) for number in range(55)]
    stocktake = opened(levels[0], keeper)
    first = client.get(at(stocktake))
    second = client.get(first.context["next_url"])
    codes = [one.line.product.sku for page in (first, second) for one in page.context["rows"]]
    assert codes == [f"P-{number:03}" for number in range(55)]
    found = client.get(at(stocktake), {"q": "p-05"})
    assert len(found.context["rows"]) == 5

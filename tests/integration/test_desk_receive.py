"""Receiving and transferring on their pages: scanned or typed, nothing lost, posted once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import StockLevel, StockPosting
from monitoring.models import AuditEntry
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of
from tests.stock import a_location, a_product, stands, stocked

pytestmark = MARKS
RECEIVE, TRANSFER = "/admin/inventory/stockposting/receive/", "/admin/inventory/stockposting/transfer/"
SEES = ("view_stockposting", "view_stocklevel", "view_stockmovement")


@pytest.fixture
def clerk() -> Client:
    return signed_in("receive_stock", "transfer_stock", *SEES, name="clerk")


def key_of(client: Client, page: str) -> str:
    return str(client.get(page).context["form"]["key"].value())


def form(client: Client, page: str, codes: list[str], quantities: list[object], **more: Any) -> dict[str, Any]:
    """What a browser would send."""
    return {"key": key_of(client, page), "code": codes, "quantity": quantities, "step": "post", **more}


def rows_of(response: Any) -> list[tuple[str, str]]:
    return [(row.code, row.quantity) for row in response.context["lines"].rows]


def test_received_once_however_often_it_is_sent(clerk: Client) -> None:
    here, tea, soap = a_location(), a_product(), a_product()
    sent = form(clerk, RECEIVE, [tea.sku, soap.sku], [12, 3], location=here.pk, reference="DN 4711")

    first, again = clerk.post(RECEIVE, sent), clerk.post(RECEIVE, sent)

    posting = StockPosting.objects.get()
    assert first["Location"] == again["Location"] == reverse("admin:inventory_stockposting_change", args=[posting.pk])
    assert (posting.kind, posting.reference, posting.actor.get_username() if posting.actor else "") == (
        "receipt", "DN 4711", "clerk",
    )  # fmt: skip
    assert dict(StockLevel.objects.values_list("product", "on_hand")) == {tea.pk: 12, soap.pk: 3}
    page = text_of(clerk.get(first["Location"], follow=True))
    assert "Received 15 pieces of 2 products" in page
    assert "nothing was done twice" in page
    assert "+12" in page


def test_a_form_that_was_posted_and_then_changed_is_not_swallowed(clerk: Client) -> None:
    here, tea = a_location(), a_product()
    sent = form(clerk, RECEIVE, [tea.sku], [12], location=here.pk)
    clerk.post(RECEIVE, sent)

    changed = clerk.post(RECEIVE, sent | {"quantity": [13]})
    assert changed.status_code == 422
    assert "This form was posted before" in text_of(changed)
    assert rows_of(changed) == [(tea.sku, "13")]
    clerk.post(RECEIVE, sent | {"quantity": [13], "key": changed.context["form"]["key"].value()})

    assert StockLevel.objects.get().on_hand == 25


def test_without_scripts_a_scan_adds_a_line_or_one_more_piece(clerk: Client) -> None:
    tea, soap = a_product(sku="TEA-1", barcode="0036000291452"), a_product(sku="SOAP")
    sent = {"key": key_of(clerk, RECEIVE), "code": ["TEA-1"], "quantity": ["2"], "step": "add", "reference": "DN 1"}

    scanned = clerk.post(RECEIVE, sent | {"scan": "036000291452"})  # a UPC-A, without the zero that EAN-13 has
    pasted = clerk.post(RECEIVE, sent | {"pasted": "tea-1 10\nsoap\n\nwhat is this here"})

    assert rows_of(scanned) == [("TEA-1", "3")]
    assert rows_of(pasted) == [("SOAP", "1"), ("TEA-1", "12")]
    assert "Not understood: what is this here" in text_of(pasted)
    assert (scanned.status_code, scanned.context["form"]["reference"].value()) == (200, "DN 1")
    assert scanned.context["form"]["key"].value() == sent["key"]
    assert (tea.levels.count(), soap.levels.count()) == (0, 0)


def test_what_nobody_knows_is_said_and_kept(clerk: Client) -> None:
    here, tea = a_location(), a_product()
    sent = form(
        clerk, RECEIVE, [tea.sku, "NOBODY", tea.sku + "X"], ["5", "2", "many"], location=here.pk, reference="DN"
    )

    response = clerk.post(RECEIVE, sent)

    html = text_of(response)
    assert response.status_code == 422
    assert "No product has this SKU or barcode." in html
    assert rows_of(response) == [(tea.sku, "5"), ("NOBODY", "2"), (tea.sku + "X", "many")]
    assert response.context["form"]["reference"].value() == "DN"
    assert not StockPosting.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"location": ""}, "Choose a location."),
        ({"code": [], "quantity": []}, "Nothing is on the list"),
        ({"quantity": ["0"]}, "“0” is no quantity"),
        ({"quantity": ["-3"]}, "“-3” is no quantity"),
        ({"quantity": ["12.5"]}, "“12.5” is no quantity"),
        ({"quantity": ["99999999999"]}, "is no quantity"),
    ],
)
def test_bad_input_gets_a_sentence(clerk: Client, change: dict[str, Any], said: str) -> None:
    a_location()
    here, tea = a_location(), a_product()
    response = clerk.post(RECEIVE, form(clerk, RECEIVE, [tea.sku], ["1"], location=here.pk) | change)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not StockPosting.objects.exists()


def test_a_closed_location_and_an_archived_product_take_nothing(clerk: Client) -> None:
    a_location()
    closed, here = a_location(is_active=False), a_location()
    archived = a_product(status="archived")
    for location, product, said in ((closed, a_product(), "not in use"), (here, archived, "is archived")):
        response = clerk.post(RECEIVE, form(clerk, RECEIVE, [product.sku], ["1"], location=location.pk))
        assert said in text_of(response)
    assert not StockPosting.objects.exists()


def test_the_lookup_answers_by_sku_and_barcode(clerk: Client) -> None:
    level = stocked(7, a_product(sku="Tea-1", name="Green tea", barcode="4901234567894"))
    address = reverse("admin:inventory_lookup")
    for code in ("tea-1", "4901234567894", " TEA-1 "):
        answer = clerk.get(address, {"code": code, "location": level.location_id}).json()
        assert (answer["code"], answer["name"], answer["on_hand"]) == ("Tea-1", "Green tea", 7)
    unknown = clerk.get(address, {"code": "<b>"}).json()
    assert (unknown["found"], unknown["sentence"]) == (False, "No product has the SKU or barcode <b>.")
    assert signed_in(name="nobody").get(address, {"code": "tea-1"}).status_code == 403


def test_a_transfer_moves_and_a_shortage_is_said_at_its_line(clerk: Client) -> None:
    tea, soap = stocked(10, a_product(sku="TEA")), a_product(sku="SOAP")
    stocked(2, soap, tea.location)
    there = a_location()
    where = {"source": tea.location_id, "to": there.pk, "reason": "For the shop"}

    short = clerk.post(TRANSFER, form(clerk, TRANSFER, ["TEA", "SOAP"], ["4", "5"], **where))

    rows = {row.code: row.errors for row in short.context["lines"].rows}
    assert short.status_code == 422
    assert rows["TEA"] == []
    assert "5 asked, 3 too many" in rows["SOAP"][0]
    assert rows_of(short) == [("TEA", "4"), ("SOAP", "5")]
    assert short.context["form"]["reason"].value() == "For the shop"
    assert stands(tea) == (10, 0)

    key = short.context["form"]["key"].value()
    clerk.post(TRANSFER, form(clerk, TRANSFER, ["TEA", "SOAP"], ["4", "2"], **where) | {"key": key})
    assert stands(tea) == (6, 0)
    assert dict(there.levels.values_list("product__sku", "on_hand")) == {"TEA": 4, "SOAP": 2}


def test_a_transfer_to_where_it_lies_is_refused(clerk: Client) -> None:
    tea = stocked(10)
    sent = form(clerk, TRANSFER, [tea.product.sku], ["1"], source=tea.location_id, to=tea.location_id)
    assert "choose another location" in text_of(clerk.post(TRANSFER, sent))
    assert stands(tea) == (10, 0)


@pytest.mark.parametrize("page", [RECEIVE, TRANSFER, "/admin/inventory/stocklevel/adjust/"])
def test_forged_forms_are_refused_and_recorded(page: str) -> None:
    level = stocked(3)
    visitor = signed_in(*SEES, name="visitor")
    forged = {"location": level.location_id, "source": level.location_id, "to": a_location().pk, "key": "k",
              "code": [level.product.sku], "quantity": ["1"], "step": "post", "product": level.product_id,
              "mode": "set", "why": "lost", "seen": 3, "newest": 0}  # fmt: skip
    assert visitor.get(page).status_code == 403
    assert visitor.post(page, forged).status_code == 403
    assert stands(level) == (3, 0)
    assert AuditEntry.objects.filter(actor__username="visitor", allowed=False).count() == 2


def test_a_long_delivery_is_within_budget(clerk: Client) -> None:
    here, products = a_location(), [a_product() for _ in range(60)]
    sent = form(clerk, RECEIVE, [product.sku for product in products], ["1"] * 60, location=here.pk)
    with CaptureQueriesContext(connection) as posting:
        assert clerk.post(RECEIVE, sent).status_code == 302
    with CaptureQueriesContext(connection) as showing:
        clerk.post(RECEIVE, sent | {"step": "add", "scan": products[0].sku})
    assert max(len(posting), len(showing)) <= BUDGET

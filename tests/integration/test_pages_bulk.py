"""The pages of bulk edits: previewed, begun as they were shown, followed and cancelled."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.many_products import build
from catalog.models import BulkEdit, Product
from tests.catalog import EDITOR, LIST, a_category, a_product, bulk
from tests.integration.pages import BUDGET, MARKS, person, signed_in, text_of

pytestmark = MARKS


@pytest.fixture
def client() -> Client:
    return signed_in(*EDITOR)


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(intent_id|up_to|seen)" value="([^"]*)"', html))


def test_prices_are_previewed_then_changed(client: Client) -> None:
    a_product("A", price=1000)
    a_product("B", price=1000, sale_price=950)
    a_product("C", price=77, status="archived")
    asked = {"target": "price", "way": "percent", "value": "－１０", "step": "1", "reason": "sale", "status": "draft"}
    opened = hidden(text_of(client.get(bulk("prices"), {"status": "draft"})))

    html = text_of(client.post(bulk("prices"), {**opened, **asked, "go": "preview"}))
    assert "<ins>900</ins>" in html
    assert "above the price 900.00" in html
    assert Product.objects.get(sku="A").version == 1

    response = client.post(bulk("prices"), {**hidden(html), **asked, "go": "start"}, follow=True)
    assert "1 product changed" in text_of(response)
    assert list(Product.objects.order_by("sku").values_list("price", flat=True)) == [900, 1000, 77]
    assert BulkEdit.objects.get().filters == {"status": "draft"}


def test_what_has_changed_since_it_was_shown_is_shown_again(client: Client) -> None:
    a_product("A")
    opened = hidden(text_of(client.get(bulk("status"), {"status": "draft"})))
    Product.objects.update(status="active")

    response = client.post(
        bulk("status"), {**opened, "status": "draft", "to_status": "archived", "reason": "r", "go": "start"}
    )

    assert response.status_code == 422
    assert "There are 0 of them now, not 1" in text_of(response)
    assert not BulkEdit.objects.exists()


def test_category_and_status_by_their_pages(client: Client) -> None:
    product, mugs = a_product("A"), a_category("Mugs")
    for verb, asked in (("category", {"to_category": str(mugs.pk)}), ("status", {"to_status": "active"})):
        opened = hidden(text_of(client.get(bulk(verb), {"ids": product.pk})))
        sent = {**opened, **asked, "ids": product.pk, "reason": "sorting", "go": "start"}
        assert client.post(bulk(verb), sent).status_code == 302

    product.refresh_from_db()
    assert (product.category, product.status) == (mugs, "active")


@pytest.mark.parametrize("asked", [{"value": ""}, {"value": "ten"}, {"value": "0"}, {"value": "-200"}])
def test_a_rule_that_is_none_is_said_at_its_field(client: Client, asked: dict[str, str]) -> None:
    a_product("A")
    opened = hidden(text_of(client.get(bulk("prices"))))
    sent = {**opened, "target": "price", "way": "percent", "step": "1", "reason": "r", **asked}

    for go in ("preview", "start"):
        html = text_of(client.post(bulk("prices"), {**sent, "go": go}))
        assert 'class="ns-error"' in html
    assert not BulkEdit.objects.exists()


def test_actions_lead_to_the_page_with_the_selected(client: Client) -> None:
    chosen = [a_product("A").pk, a_product("B").pk]

    response = client.post(reverse(LIST), {"action": "change_prices", "_selected_action": chosen})

    assert response["Location"] == f"{bulk('prices')}?ids={chosen[0]}%2C{chosen[1]}"
    assert "delete_selected" not in text_of(client.get(reverse(LIST)))


def test_bulk_pages_keep_their_budget(client: Client) -> None:
    build(products=3000, categories=60, locations=1)
    opened = hidden(text_of(client.get(bulk("prices"))))
    sent = {**opened, "target": "both", "way": "percent", "value": "5", "step": "1", "reason": "r", "go": "preview"}

    with CaptureQueriesContext(connection) as queries:
        assert client.post(bulk("prices"), sent).status_code == 200

    assert len(queries) <= BUDGET


def test_a_bulk_edit_is_followed_and_cancelled(client: Client) -> None:
    a_product("A")
    BulkEdit.objects.create(
        verb="status", parameters={"status": "active"}, ids=[1], total=1, intent_id="i", reason="r",
        started_by=person(name="taro"),
    )  # fmt: skip
    edit = BulkEdit.objects.get()
    page = reverse("admin:catalog_bulkedit_change", args=[edit.pk])

    assert "hx-get" in text_of(client.get(page))
    assert client.get(reverse("admin:catalog_bulkedit_live", args=[edit.pk])).status_code == 200
    cancel = reverse("admin:catalog_bulkedit_cancel", args=[edit.pk])
    assert client.post(cancel, {"reason": "a mistake"}).status_code == 302
    assert "Cancelled" in text_of(client.get(page))

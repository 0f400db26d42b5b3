"""Our rows of a list are those of the theme, to the letter."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User

from pages.templatetags import list_rows
from tests.builders import ingested, receipts
from tests.integration.pages import MARKS, signed_in, text_of
from tests.stock import a_product, stocked

pytestmark = MARKS
PRODUCTS, LEVELS, ACCOUNTS = "/admin/catalog/product/", "/admin/inventory/stocklevel/", "/admin/auth/user/"
TRANSACTIONS = "/admin/batches/transaction/"


@pytest.mark.parametrize(
    "address", [PRODUCTS, f"{PRODUCTS}?o=-3", LEVELS, f"{LEVELS}?q=nothing-like-it", ACCOUNTS, TRANSACTIONS]
)
def test_a_list_is_as_the_theme_makes_it(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("Mug <b>", "ほうじ茶", "Tote & bag"):
        stocked(3, a_product(name=name))
    ingested(receipts(range(3)))  # rows whose key is no number
    client = signed_in(name="anna")
    User.objects.filter(username="anna").update(is_superuser=True)
    quick = rows(text_of(client.get(address)))
    assert ("Tote &amp; bag" in quick) == (address in (PRODUCTS, f"{PRODUCTS}?o=-3", LEVELS))

    monkeypatch.setattr(list_rows, "_is_plain", lambda cl: False)
    assert quick == rows(text_of(client.get(address)))


def rows(html: str) -> str:
    found = re.search(r'<form id="changelist-form".*?</form>', html, re.DOTALL)
    assert found
    # A form's token, and how long ago something was.
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|(?<=">)[^<]+(?=</time>)', "", found[0])

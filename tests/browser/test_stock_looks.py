"""The ledger's pages in every state: no complaint in the console, nothing wider than the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from inventory.ledger.adjust import adjust
from inventory.ledger.low_stock_digest import low_stock_digest
from inventory.ledger.reconcile import answer_all, reconcile
from inventory.ledger.reserve import reserve
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.models import LowStock, Reconciliation
from monitoring.models import Notice
from tests.browser.test_looks import SCREENS, opened
from tests.stock import a_key, a_location, a_product, item, stocked, triggers_off

NAMES = (
    "Tea towel, linen, 50 × 70 cm",
    "桜の湯呑み",
    "Notebook A5, dotted, 192 pages, with a ribbon and a pocket",
    "Soap",
)
LISTS = {
    "stock-low": "admin:inventory_lowstock_changelist",
    "stock-reconciliations": "admin:inventory_reconciliation_changelist",
    "stock-outbox": "admin:monitoring_notice_changelist",
}


@pytest.fixture
def a_shop(operator: User) -> dict[str, str]:
    """Low stock, out of stock, a look that agrees, one that differs, and one that waits."""
    ginza, shelf = (
        a_location(code="GINZA", name="Shop in Ginza"),
        a_location(code="KAWASAKI-2", name="Warehouse, hall 2"),
    )
    levels = [stocked(40, a_product(name=name), place) for name in NAMES for place in (ginza, shelf)]
    agreeing = reconcile()
    for number, level in enumerate(levels):
        ids = (level.product_id, level.location_id)
        set_reorder_point(*ids, reorder_point=12, reorder_quantity=60 * (number % 2), actor=operator)
        reserve([item(level, 5)], key=a_key(), actor=operator, reference=f"Order 10{number}")
        left = (0, 3, 11, 30)[number % 4]
        ship([item(level, 35 - left)], key=a_key(), actor=operator, reference=f"Order 20{number}")
    adjust([item(levels[0], 20)], key=a_key(), actor=operator, reason="Found behind the shelf.")
    low_stock_digest()
    with triggers_off() as cursor:
        cursor.execute(
            "UPDATE inventory_stocklevel SET on_hand = on_hand + 3 WHERE product_id = %s", [levels[2].product_id]
        )
    differing = reconcile()
    return {
        **{name: reverse(page) for name, page in LISTS.items()},
        "stock-low-all": f"{reverse(LISTS['stock-low'])}?state=all",
        "stock-low-one": _page("inventory_lowstock", LowStock.objects.filter(closed_at=None)[0].pk),
        "stock-low-over": _page("inventory_lowstock", LowStock.objects.exclude(closed_at=None)[0].pk),
        "stock-agree": _page("inventory_reconciliation", agreeing.pk),
        "stock-differ": _page("inventory_reconciliation", differing.pk),
        "stock-waiting": _page("inventory_reconciliation", Reconciliation.objects.create().pk),
        "stock-notice": _page("monitoring_notice", Notice.objects.get(key__startswith="low-stock-digest").pk),
        "stock-home": reverse("admin:index"),
    }


@pytest.mark.parametrize("screen", SCREENS)
def test_stock_pages(page: Page, a_shop: dict[str, str], screen: str, screenshots: Path | None) -> None:
    chosen = SCREENS[screen]
    page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
    for name, url in a_shop.items():
        opened(page, url)
        if screenshots:
            page.screenshot(path=screenshots / f"{name}-{screen}.png", full_page=True)


def test_empty_stock_pages(page: Page, screenshots: Path | None) -> None:
    for name, view in LISTS.items():
        opened(page, reverse(view))
        if screenshots:
            page.screenshot(path=screenshots / f"{name}-empty.png", full_page=True)


def test_reconcile_now_is_answered_on_the_page(page: Page) -> None:
    stocked(5)
    page.goto(reverse(LISTS["stock-reconciliations"]))
    page.get_by_role("button", name="Reconcile now").click()
    expect(page.get_by_text("Waits for a worker")).to_be_visible()

    answer_all()

    expect(page.get_by_text("Ledger and levels agree")).to_be_visible()


def _page(model: str, pk: object) -> str:
    return reverse(f"admin:{model}_change", args=[pk])

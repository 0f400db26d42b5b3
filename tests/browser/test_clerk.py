"""A clerk's day: a product with a picture, a delivery by scanner, sales down to the reorder point, a count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import FilePayload, Page, expect

from catalog.images.make_renditions import make_renditions
from catalog.models import Category, ImageStatus, Product, ProductImage
from catalog.sample.picture import picture_jpeg
from inventory.ledger.lines import Item
from inventory.ledger.reconcile import answer_all
from inventory.ledger.ship import ship
from inventory.models import Location, LowStock, StockLevel, Stocktake
from monitoring.models import Notice

SKU, BARCODE = "YUN-SO-M", "4901234567894"


@pytest.fixture
def shop(transactional_db: None) -> Location:
    Category.objects.add_root(instance=Category(name="陶磁器 Ceramics", slug="ceramics"))
    return Location.objects.create(code="SHOP", name="店舗 Shop")


def test_a_clerks_day(page: Page, operator: User, shop: Location, screenshots: Path | None) -> None:
    def picture(name: str) -> None:
        if screenshots:
            page.wait_for_timeout(600)  # the last transition
            page.screenshot(path=screenshots / f"clerk-{name}.png", full_page=True)

    register(page, picture)
    product = Product.objects.get(sku=SKU)
    receive(page, picture)
    set_reorder_point(page, product)

    # The shop sells: 24 pieces become 6.
    for sale in range(6):
        ship([Item(product.pk, shop.pk, 3)], key=f"sale-{sale}", actor=operator, reference=f"N-{sale}")
    see_the_alert(page, picture)

    count(page, shop, picture)
    look_back(page, product, picture)
    reconcile(page, picture)
    assert StockLevel.objects.get().on_hand == 5
    assert Notice.objects.filter(topic="low stock").count() == 1


def register(page: Page, picture: Callable[[str], None]) -> None:
    page.goto("/admin/catalog/product/")
    page.get_by_role("link", name="Add product").first.click()
    page.get_by_label("Name").fill("湯呑み 染付 Yunomi tea cup, blue and white")
    page.get_by_label("SKU").fill("ＹＵＮ-SO-M")  # typed with a Japanese keyboard
    page.get_by_label("Barcode").fill("4901234567895")
    page.locator("#id_price").fill("2800")
    page.locator("#id_sale_price").fill("3000")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("has to be 4, not 5")).to_be_visible()
    picture("1-refused")
    page.get_by_label("Barcode").fill(BARCODE)
    page.locator("#id_sale_price").fill("2400")
    page.locator("#id_status").select_option("active")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_label("SKU")).to_have_value(SKU)

    page.get_by_role("link", name="All images …").click()
    page.wait_for_load_state()  # its script takes the files
    cup = FilePayload(name="cup.jpg", mimeType="image/jpeg", buffer=picture_jpeg(4))
    page.get_by_label("Add images").set_input_files(cup)
    expect(page.locator("#pictures-said")).to_have_text("1 uploaded.")
    for pk in ProductImage.objects.filter(status=ImageStatus.UPLOADED).values_list("pk", flat=True):
        make_renditions(pk)
    expect(page.locator(".ns-shot img")).to_have_count(1)
    picture("2-images")


def receive(page: Page, picture: Callable[[str], None]) -> None:
    page.goto("/admin/catalog/product/")
    page.get_by_role("link", name="Receive").first.click()
    scan = page.get_by_label("Scan or type a SKU or barcode")
    for code in (BARCODE, "no-such-code"):
        scan.fill(code)
        scan.press("Enter")
    expect(page.get_by_text("No product has this SKU or barcode.").first).to_be_visible()
    picture("3-unknown")
    page.get_by_role("button", name="Take no-such-code off the list").click()
    page.get_by_label(f"Quantity of {SKU}").fill("24")
    expect(page.get_by_label("Received at")).to_have_value(str(Location.objects.get().pk))  # the only one there is
    picture("4-receive")
    page.locator("#stock-post").click()
    expect(page.get_by_text("24").first).to_be_visible()
    assert StockLevel.objects.get().on_hand == 24


def set_reorder_point(page: Page, product: Product) -> None:
    level = StockLevel.objects.get(product=product)
    page.goto(f"/admin/inventory/stocklevel/{level.pk}/change/")
    page.get_by_label("Reorder point").fill("6")
    page.get_by_label("Reorder quantity").fill("24")
    page.get_by_role("button", name="Save").first.click()
    level.refresh_from_db()
    assert (level.reorder_point, level.reorder_quantity) == (6, 24)


def see_the_alert(page: Page, picture: Callable[[str], None]) -> None:
    assert LowStock.objects.filter(closed_at=None).count() == 1
    page.goto("/admin/inventory/stocklevel/")
    expect(page.get_by_text("Below reorder point").first).to_be_visible()
    picture("5-levels")
    page.get_by_role("link", name="Low stock").first.click()
    expect(page.get_by_text("Yunomi").first).to_be_visible()
    picture("6-low-stock")
    page.goto("/admin/monitoring/notice/")
    expect(page.get_by_text(SKU).first).to_be_visible()


def count(page: Page, shop: Location, picture: Callable[[str], None]) -> None:
    page.goto("/admin/inventory/stocktake/")
    page.get_by_role("link", name="Open a stocktake").first.click()
    page.get_by_role("button", name="Open it").click()
    line = page.get_by_label(f"Counted of {SKU}")
    line.fill("5")
    line.press("Tab")
    expect(page.locator(".ns-count-done")).to_have_count(1)
    picture("7-count")
    page.get_by_role("link", name="Review and post").click()
    expect(page.get_by_text("worth 2,800")).to_be_visible()
    page.locator("#id_reason").fill("Evening count.")
    picture("8-review")
    page.get_by_role("button", name="Post 1 difference").click()
    expect(page.get_by_text("stocktake/")).to_be_visible()
    assert Stocktake.objects.get(location=shop).status == "posted"


def look_back(page: Page, product: Product, picture: Callable[[str], None]) -> None:
    page.goto(f"/admin/inventory/stocklevel/history/{product.pk}/")
    expect(page.get_by_text("Evening count.").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    picture("9-history")


def reconcile(page: Page, picture: Callable[[str], None]) -> None:
    page.goto("/admin/inventory/reconciliation/")
    page.get_by_role("button", name="Reconcile now").click()
    answer_all()  # what a worker does
    expect(page.get_by_text("Ledger and levels agree")).to_be_visible()
    picture("10-reconciled")

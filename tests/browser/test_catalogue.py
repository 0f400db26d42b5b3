"""The catalogue as people use it: two at one product, prices in bulk, and Enter that saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from catalog.models import Category, Product
from catalog.products.save_product import save_product
from inventory.models import Location, StockLevel
from tests.catalog import a_category, a_product, an_editor, barcode
from tests.stock import triggers_off


def a_shop() -> Any:
    clothes = a_category("衣類")
    shirts, home = a_category("シャツ", clothes), a_category("Home")
    place = Location.objects.create(code="A", name="Shelf")
    names = [
        "半袖シャツ 青",
        "Blue mug with a rather long name, dishwasher safe",
        "湯呑み 大",
        "Oak shelf",
        "Notebook A5",
    ]
    for number in range(24):
        product = a_product(
            f"SH-{number:03}", name=f"{names[number % 5]} {number}", category=(shirts, home, None)[number % 3],
            price=1280 + 100 * number, sale_price=980 if number % 4 == 0 else None, is_new=number % 5 == 0,
            status=("active", "active", "draft", "archived")[number % 4], barcode=barcode(number) if number % 2 else "",
        )  # fmt: skip
        if number % 3:
            with triggers_off():
                StockLevel.objects.create(product=product, location=place, on_hand=number, reserved=number // 2)
    return Product.objects.get(sku="SH-001")


def pictured(page: Page, screenshots: Path | None, name: str) -> None:
    if screenshots is None:
        return
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.classList.toggle('dark', {'true' if theme == 'dark' else 'false'})")
        page.screenshot(path=screenshots / f"{name}-{theme}.png", full_page=True)
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=screenshots / f"{name}-narrow.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_two_people_at_one_product(page: Page, screenshots: Path | None) -> None:
    product = a_shop()
    page.goto(f"/admin/catalog/product/{product.pk}/change/")
    pictured(page, screenshots, "product")
    page.get_by_label("Sale price").fill("９００")
    page.get_by_label("Name").fill("Mug of mine")
    save_product(product.pk, {"sale_price": 1000, "is_new": True, "name": "Mug of hers"}, seen=1, actor=an_editor())

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="Changed meanwhile")).to_be_visible()
    pictured(page, screenshots, "product-changed")
    expect(page.get_by_label("New")).to_be_checked()
    page.get_by_role("row", name="Sale price").get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Sale price")).to_have_value("1000.00")
    expect(page.get_by_label("Name")).to_have_value("Mug of mine")
    page.get_by_label("Name").press("Enter")  # saves: it takes nothing of theirs
    page.wait_for_url("**/change/")
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    product.refresh_from_db()
    assert (product.name, product.sale_price, product.is_new, product.version) == ("Mug of mine", 1000, True, 3)


def test_prices_in_bulk(page: Page, screenshots: Path | None) -> None:
    a_shop()
    page.goto("/admin/catalog/product/")
    pictured(page, screenshots, "products")
    page.goto("/admin/catalog/product/?status=active&q=シャツ")
    page.get_by_role("link", name="Change prices …").click()
    pictured(page, screenshots, "bulk")
    page.get_by_label("How much").fill("-10")
    page.get_by_label("Why", exact=True).fill("summer")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What would become of them")).to_be_visible()
    pictured(page, screenshots, "bulk-preview")
    page.get_by_role("button", name="Change").last.click()
    expect(page.get_by_text("rounded to 1, halves up")).to_be_visible()
    pictured(page, screenshots, "bulk-edit")
    assert Product.objects.get(sku="SH-005").price == 1602


def test_the_tree_and_its_form(page: Page, screenshots: Path | None) -> None:
    a_shop()
    page.goto("/admin/catalog/category/")
    pictured(page, screenshots, "categories")
    page.get_by_role("link", name="シャツ", exact=True).click()
    page.get_by_label("Lies in").select_option(label="Home")
    pictured(page, screenshots, "category")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/category/")
    home = Category.objects.get(name="Home")
    assert Category.objects.get(name="シャツ").path.startswith(home.path)


def test_empty_and_faulty(page: Page, screenshots: Path | None) -> None:
    page.goto("/admin/catalog/product/")
    expect(page.get_by_role("heading", name="No products yet")).to_be_visible()
    pictured(page, screenshots, "products-empty")
    a_product("MUG-1", name="The old mug")
    page.goto("/admin/catalog/product/add/")
    page.get_by_label("SKU").fill("ｍｕｇ-1")
    page.get_by_label("Barcode").fill("4902102119244")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("it has to be 5, not 4")).to_be_visible()
    expect(page.get_by_role("link", name="look at MUG-1")).to_be_visible()
    pictured(page, screenshots, "product-faults")

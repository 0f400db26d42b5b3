"""An import clicked through: a file is chosen, checked and confirmed, and its good rows are products."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from catalog.models import Product, Transfer
from tests.browser.test_catalogue import pictured
from tests.transfers import a_product, csv_of

NEW = {"sku": "A-2", "name": "Cup", "price": "500"}


def test_from_a_file_to_products(page: Page, tmp_path: Path, screenshots: Path | None) -> None:
    a_product("A-1", name="Old name", price=1000)
    file = tmp_path / "products.csv"
    file.write_bytes(
        csv_of({"sku": "A-1", "name": "New name", "price": "900"}, NEW, {**NEW, "sku": "A-3", "price": "-1"})
    )
    page.goto("/admin/catalog/product/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File of products").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()

    expect(page.get_by_role("button", name="Import the 2 good rows")).to_be_visible()
    pictured(page, screenshots, "import-checked")
    page.get_by_role("navigation", name="Outcome").get_by_role("link", name=re.compile("Refused")).click()
    expect(page.get_by_text("is below 0")).to_be_visible()
    assert Product.objects.get().name == "Old name"

    page.get_by_role("button", name="Import the 2 good rows").click()
    expect(page.get_by_text("1 added, 1 changed")).to_be_visible()
    pictured(page, screenshots, "import-done")

    assert Transfer.objects.get().status == "finished"
    assert dict(Product.objects.values_list("sku", "name")) == {"A-1": "New name", "A-2": "Cup"}

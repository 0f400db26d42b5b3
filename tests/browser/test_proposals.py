"""From a result file with proposals to the catalogue, by a person's hands."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Page, expect

from batches.proposals.work import work_acceptances
from catalog.models import Product
from tests.builders import ingested, jsonl
from tests.kinds import a_product, products_job, proposal_line


def test_one_by_one_then_many(page: Page) -> None:
    for number in range(3):
        a_product(f"TOTE-{number}")
    ingested(jsonl(proposal_line(f"TOTE-{number}", category=...) for number in range(3)), job=products_job())

    page.goto("/admin/batches/productproposal/")
    page.get_by_role("link", name="TOTE-0").click()
    page.locator('button[name="accept"][value="name"]').click()
    expect(page.get_by_text("Accepted: name.")).to_be_visible()
    page.locator('button[name="reject"][value="description"]').click()
    expect(page.get_by_text("Rejected: description.")).to_be_visible()
    assert Product.objects.get(sku="TOTE-0").name == "Linen tote"

    page.goto("/admin/batches/productproposal/")
    page.get_by_role("link", name="Accept by confidence").click()
    page.get_by_label("Price", exact=True).check()
    page.get_by_label("Confidence, at least").fill("0.9")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="3 proposals")).to_be_visible()
    expect(page.locator("ins").first).to_have_text("1280.00")
    page.get_by_label("Why").fill("Compared with the price list.")
    page.get_by_role("button", name="Accept price of 3").click()
    expect(page.get_by_text("3 proposals are being accepted.")).to_be_visible()

    work_acceptances()
    expect(page.get_by_text("Done.")).to_be_visible()  # the page follows by itself
    assert set(Product.objects.values_list("price", flat=True)) == {Decimal("1280.00")}

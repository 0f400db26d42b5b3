"""The stock desk's pages in every state: no complaint in the console, nothing wider than the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from inventory.ledger.adjust import adjust
from inventory.ledger.post import Item
from inventory.ledger.reserve import reserve
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.ledger.ship import ship
from inventory.ledger.transfer import transfer
from inventory.models import Location, StockLevel, StockPosting, Stocktake, StocktakeLine
from inventory.stocktakes.count import count_line
from inventory.stocktakes.open import open_stocktake
from tests.browser.test_looks import SCREENS, opened
from tests.catalog import a_category
from tests.stock import a_key, a_location, a_product, item, stocked, triggers_off

PRODUCTS = (
    ("TEA-TOWEL-50", "Tea towel, linen, 50 × 70 cm", "4901234567894"),
    ("YUNOMI-SAKURA", "桜の湯呑み", "4912345678904"),
    ("NOTE-A5-DOT", "Notebook A5, dotted, 192 pages, with a ribbon and a pocket", ""),
    ("SOAP-01", "Soap", ""),
    ("MUG-BLUE", "Blue mug", "4900000000016"),
    ("PEN-07", "ゲルインクボールペン 0.7", ""),
)
LISTS = {
    "levels": reverse("admin:inventory_stocklevel_changelist"),
    "movements": reverse("admin:inventory_stockmovement_changelist"),
    "postings": reverse("admin:inventory_stockposting_changelist"),
    "stocktakes": reverse("admin:inventory_stocktake_changelist"),
    "locations": reverse("admin:inventory_location_changelist"),
    "receive": reverse("admin:inventory_receive"),
    "transfer": reverse("admin:inventory_transfer"),
    "adjust-which": reverse("admin:inventory_adjust"),
    "stocktake-open": reverse("admin:inventory_stocktake_open"),
}


@pytest.fixture
def places() -> tuple[Location, Location]:
    return a_location(code="GINZA", name="Shop in Ginza"), a_location(code="KAWASAKI-2", name="Warehouse, hall 2")


@pytest.fixture
def levels(operator: User, places: tuple[Location, Location]) -> list[StockLevel]:
    """A month of buying and selling."""
    shop, hall = places
    category = a_category("Kitchen")
    found = []
    for number, (sku, name, barcode) in enumerate(PRODUCTS):
        product = a_product(sku=sku, name=name, barcode=barcode, price=100 * (number + 2), category=category)
        level = stocked(120, product, hall)
        transfer([Item(product.pk, hall.pk, 40)], to=shop.pk, key=a_key(), actor=operator, reason="For the shop")
        found += [level, StockLevel.objects.get(product=product, location=shop)]
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stockmovement SET at = now() - interval '29 days'")
    for number, level in enumerate(found):
        for days in (21, 13, 5):
            ship([item(level, 5 + number % 7)], key=a_key(), actor=operator, reference=f"Order {100 + number}")
            with triggers_off() as cursor:
                cursor.execute("UPDATE inventory_stockmovement SET at = now() - interval '1 day' * %s"
                               " WHERE id = (SELECT max(id) FROM inventory_stockmovement)", [days])  # fmt: skip
        set_reorder_point(
            level.product_id,
            level.location_id,
            reorder_point=(0, 25, 12)[number % 3],
            reorder_quantity=60,
            actor=operator,
        )
    reserve([item(found[1], 8)], key=a_key(), actor=operator, reference="Order 200")
    level = found[3]
    level.refresh_from_db()
    ship([item(level, level.available)], key=a_key(), actor=operator, reference="Order 300")
    adjust([item(found[0], -3)], key=a_key(), actor=operator, reason="Damaged: fell off the shelf")
    return found


@pytest.fixture
def a_count(operator: User, levels: list[StockLevel], places: tuple[Location, Location]) -> Stocktake:
    """Half counted, something moved meanwhile, something differs."""
    stocktake = open_stocktake(location_id=places[1].pk, actor=operator, note="Autumn").stocktake
    lines = list(StocktakeLine.objects.filter(stocktake=stocktake).order_by("pk"))
    for number, line in enumerate(lines[:4]):
        count_line(line.pk, line.expected - (0, 2, -1, 0)[number], version=1, verified=number == 0, actor=operator)
    for line in (lines[1], lines[4]):
        ship([Item(line.product_id, places[1].pk, 2)], key=a_key(), actor=operator, reference="Order 400")
    adjust([Item(lines[2].product_id, places[1].pk, 1)], key=a_key(), actor=operator, reason="Found")
    return stocktake


def addresses(levels: list[StockLevel], stocktake: Stocktake) -> dict[str, str]:
    level = levels[1]
    posting = StockPosting.objects.filter(kind="transfer").order_by("-pk")[0]
    return {
        **LISTS,
        "levels-low": f"{LISTS['levels']}?state=low&order=cover",
        "level": reverse("admin:inventory_stocklevel_change", args=[level.pk]),
        "history": reverse("admin:inventory_history", args=[level.product_id]),
        "posting": reverse("admin:inventory_stockposting_change", args=[posting.pk]),
        "reverse": reverse("admin:inventory_reverse", args=[posting.pk]),
        "adjust": f"{LISTS['adjust-which']}?product={level.product_id}&location={level.location_id}",
        "stocktake": reverse("admin:inventory_stocktake_change", args=[stocktake.pk]),
        "review": reverse("admin:inventory_stocktake_review", args=[stocktake.pk]),
        "location": reverse("admin:inventory_location_change", args=[level.location_id]),
    }


def shot(page: Page, folder: Path | None, name: str) -> None:
    if folder:
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"stock-{name}.png", full_page=True)


@pytest.mark.parametrize("screen", SCREENS)
def test_full_pages(
    page: Page, levels: list[StockLevel], a_count: Stocktake, screen: str, screenshots: Path | None
) -> None:
    page.emulate_media(color_scheme=SCREENS[screen]["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(SCREENS[screen]["width"])), "height": 900})
    for name, url in addresses(levels, a_count).items():
        opened(page, url)
        shot(page, screenshots, f"{name}-{screen}")


@pytest.mark.parametrize("screen", SCREENS)
def test_empty_pages(page: Page, screen: str, screenshots: Path | None) -> None:
    page.emulate_media(color_scheme=SCREENS[screen]["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(SCREENS[screen]["width"])), "height": 900})
    for name, url in LISTS.items():
        opened(page, url)
        shot(page, screenshots, f"{name}-empty-{screen}")


def test_controls_have_names(page: Page, levels: list[StockLevel], a_count: Stocktake) -> None:
    """Every input, button and link in the content can be told by a screen reader."""
    nameless = """
        [...document.querySelectorAll('#content :is(a[href], button, input:not([type=hidden]), select, textarea)')]
            .filter(e => e.offsetParent !== null)
            .filter(e => !(e.textContent?.trim() || e.title || e.ariaLabel || e.placeholder || e.labels?.length
                || e.getAttribute('aria-labelledby') || e.querySelector('img[alt]')))
            .map(e => e.outerHTML.slice(0, 200))
    """
    for name, url in addresses(levels, a_count).items():
        page.goto(url)
        assert page.evaluate(nameless) == [], name


def test_goods_are_received_by_the_scanner_alone(
    page: Page, levels: list[StockLevel], places: tuple[Location, Location], screenshots: Path | None
) -> None:
    page.goto(LISTS["receive"])
    page.get_by_label("Received at").select_option(label="GINZA Shop in Ginza")
    scanner = page.get_by_label("Scan or type a SKU or barcode")
    for code in ("4901234567894", "mug-blue", "4901234567894", "MUG-BLUE 5", "NOBODY"):
        scanner.fill(code)
        scanner.press("Enter")
    rows = page.locator("#stock-rows tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("No product has this SKU or barcode.")
    expect(rows.nth(1).get_by_role("textbox")).to_have_value("6")
    expect(rows.nth(2).get_by_role("textbox")).to_have_value("2")
    expect(page.locator("#stock-pieces")).to_have_text("8")
    shot(page, screenshots, "receive-scanned")
    rows.nth(0).get_by_role("button").click()
    page.get_by_label("Reference").fill("DN 4711")
    page.get_by_role("button", name="Receive 8 pieces").click()
    expect(page.get_by_text("Received 8 pieces of 2 products at GINZA Shop in Ginza.")).to_be_visible()
    shot(page, screenshots, "received")


def test_an_unknown_code_does_not_post_and_stays(page: Page, screenshots: Path | None) -> None:
    a_location(code="GINZA", name="Shop in Ginza")
    a_product(sku="MUG-BLUE", name="Blue mug")
    page.goto(LISTS["receive"])
    scanner = page.get_by_label("Scan or type a SKU or barcode")
    for code in ("mug-blue", "4909999999994"):
        scanner.fill(code)
        scanner.press("Enter")
    expect(page.locator("#stock-rows tr")).to_have_count(2)
    expect(page.locator("#stock-said")).to_contain_text("4909999999994")

    page.get_by_role("button", name="Take 4909999999994 off the list").click()

    expect(page.locator("#stock-rows tr")).to_have_count(1)
    expect(page.locator("#stock-said")).to_have_text("4909999999994 is off the list.")
    expect(page.locator("#stock-said")).not_to_have_class(re.compile("ns-bad"))


def test_a_count_is_walked_by_the_keyboard(page: Page, a_count: Stocktake, screenshots: Path | None) -> None:
    page.goto(f"{reverse('admin:inventory_stocktake_change', args=[a_count.pk])}?show=uncounted")
    lines = list(StocktakeLine.objects.filter(stocktake=a_count, counted=None).order_by("pk"))
    first = page.locator(f"#counted-{lines[0].pk}")
    first.fill("33")
    first.press("Enter")
    expect(page.locator(f"#line-{lines[0].pk}")).to_contain_text("Saved")
    expect(page.locator(f"#counted-{lines[1].pk}")).to_be_focused()
    page.locator(f"#verified-{lines[1].pk}").check()
    expect(page.locator(f"#line-{lines[1].pk}")).to_contain_text("as the books")
    expect(page.locator("#count-progress")).to_contain_text("6 of 6 counted")
    shot(page, screenshots, "stocktake-counted")
    found = dict(StocktakeLine.objects.filter(pk__in=[line.pk for line in lines]).values_list("counted", "verified"))
    assert found[33] is False
    assert True in found.values()


def test_a_conflict_while_counting_is_shown(
    page: Page, operator: User, a_count: Stocktake, screenshots: Path | None
) -> None:
    page.goto(reverse("admin:inventory_stocktake_change", args=[a_count.pk]))
    line = StocktakeLine.objects.filter(stocktake=a_count, counted=None).order_by("pk")[0]
    count_line(line.pk, 12, version=line.version, actor=operator)
    mine = page.locator(f"#counted-{line.pk}")
    mine.fill("14")
    mine.press("Enter")
    row = page.locator(f"#line-{line.pk}")
    expect(row).to_contain_text("counted 12 here while you counted 14")
    shot(page, screenshots, "stocktake-conflict")
    row.get_by_role("button", name="Save mine").click()
    expect(row).to_contain_text("Saved")
    line.refresh_from_db()
    assert line.counted == 14


def test_what_it_comes_to_is_shown_while_typing(page: Page, levels: list[StockLevel]) -> None:
    level = levels[0]
    page.goto(f"{LISTS['adjust-which']}?product={level.product_id}&location={level.location_id}")
    level.refresh_from_db()
    page.get_by_label("Change by").check()
    page.get_by_label("Pieces").fill("-5")
    expect(page.locator("#stock-after")).to_have_text(str(level.on_hand - 5))
    expect(page.locator("#stock-by")).to_have_text("−5")
    expect(page.get_by_role("button", name="Show what it comes to")).to_be_hidden()


def test_scanning_works_without_scripts(page: Page, levels: list[StockLevel]) -> None:
    """The same pages in a browser that runs none: Enter adds a line by a round trip."""
    state = page.context.storage_state()
    browser = page.context.browser
    assert browser is not None
    base = page.url.split("/admin/")[0]
    context = browser.new_context(base_url=base, java_script_enabled=False, storage_state=state)
    bare = context.new_page()
    bare.goto(LISTS["receive"])
    bare.locator("#stock-scan").fill("MUG-BLUE")
    bare.locator("#stock-scan").press("Enter")
    bare.locator("#stock-scan").fill("4900000000016")
    bare.locator("#stock-scan").press("Enter")
    expect(bare.locator("#stock-rows [name=quantity]")).to_have_value("2")
    bare.locator("#stock-post").click()
    expect(bare.get_by_text("Choose a location.")).to_be_visible()
    expect(bare.locator("#stock-rows [name=quantity]")).to_have_value("2")
    context.close()

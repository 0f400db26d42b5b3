"""Images of a product in a real browser: two files with their bars, one that is refused, order by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from moto.server import ThreadedMotoServer
from playwright.sync_api import Page, expect
from pytest_django import Settings

from catalog.images.make_renditions import make_renditions
from catalog.images.reorder import order_of
from catalog.models import ImageStatus, Product, ProductImage
from tests.catalog import a_product
from tests.contract.s3 import fresh_bucket
from tests.pictures import photo, png, uploaded


@pytest.fixture
def product(transactional_db: None) -> Product:
    made: Product = a_product(name="Linen shirt")
    return made


def open_page(page: Page, product: Product) -> None:
    page.goto(reverse("admin:catalog_product_images", args=[product.pk]))
    expect(page.get_by_role("heading", name="In their order")).to_be_visible()


def files(*named: tuple[str, bytes]) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "", "buffer": content} for name, content in named]


def work() -> None:
    """What a worker does."""
    for pk in ProductImage.objects.filter(status=ImageStatus.UPLOADED).values_list("pk", flat=True):
        make_renditions(pk)


def test_two_files_with_progress_become_thumbnails(page: Page, product: Product) -> None:
    open_page(page, product)
    expect(page.get_by_text("No images yet.")).to_be_visible()
    # What the bars say is kept, for they are quick here.
    page.evaluate(
        """() => { window.said = []; new MutationObserver((all) => all.forEach((one) =>
            window.said.push(Number(one.target.getAttribute('aria-valuenow'))))).observe(
            document.getElementById('pictures-sending'),
            { subtree: true, attributes: true, attributeFilter: ['aria-valuenow'] }); }"""
    )

    page.get_by_label("Add images").set_input_files(
        files(("front.jpg", photo(900, 600)), ("back.png", png(600, 900)))  # type: ignore[arg-type]
    )

    expect(page.get_by_role("progressbar", name="Upload of front.jpg")).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_role("progressbar", name="Upload of back.png")).to_have_attribute("aria-valuenow", "100")
    expect(page.locator("#pictures-said")).to_have_text("2 uploaded.")
    assert any(0 < share < 100 for share in page.evaluate("window.said")), "it moved"
    expect(page.locator(".ns-shot")).to_have_count(2)
    work()
    expect(page.locator(".ns-shot img")).to_have_count(2)
    widths = page.locator(".ns-shot img").evaluate_all(
        "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"
    )
    assert sorted(widths) == [533, 800]
    expect(page.get_by_text("No images yet.")).to_be_hidden()


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """S3 as moto serves it, from another origin than the site's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    endpoint = f"http://{host}:{port}"
    options = {"bucket_name": fresh_bucket(endpoint), "endpoint_url": endpoint, "region_name": "ap-northeast-1"}
    backend = {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    yield endpoint
    server.stop()


def test_straight_into_a_bucket(bucket: str, page: Page, product: Product) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    open_page(page, product)

    page.get_by_label("Add images").set_input_files(files(("front.jpg", photo(900, 600))))  # type: ignore[arg-type]
    expect(page.locator("#pictures-said")).to_have_text("1 uploaded.")
    work()

    expect(page.locator(".ns-shot img")).to_have_count(1)
    assert page.locator(".ns-shot img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 800
    assert [one for one in sent if one.startswith(f"POST {bucket}")], "the site itself saw none of it"


def test_a_file_that_is_no_picture_says_so_and_holds_up_nobody(page: Page, product: Product) -> None:
    open_page(page, product)

    page.get_by_label("Add images").set_input_files(files(("logo.svg", b"<svg/>"), ("front.jpg", photo())))  # type: ignore[arg-type]

    expect(page.get_by_text("logo.svg is an SVG drawing by its name: save it as")).to_be_visible()
    expect(page.locator("#pictures-said")).to_have_text("1 uploaded, 1 not uploaded.")
    assert ProductImage.objects.get().name == "front.jpg"
    page.get_by_role("listitem").filter(has_text="logo.svg").get_by_role("button", name="Hide").click()
    expect(page.get_by_text("logo.svg is an SVG")).to_be_hidden()
    expect(page.locator("#pictures-said")).to_have_text("1 uploaded.")


def test_order_by_keys_and_by_mouse(page: Page, product: Product) -> None:
    a, b, c = (uploaded(product, f"{name}.jpg").pk for name in "abc")
    work()
    open_page(page, product)

    page.get_by_role("button", name="Move c.jpg earlier").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pictures-order-said")).to_have_text("The order is stored.")
    assert order_of(product.pk) == [a, c, b]
    expect(page.get_by_role("button", name="Move c.jpg earlier")).to_be_focused()

    # What is said stands there from the first time already: the answer is what tells that it is stored again.
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.locator(f"#picture-{b} .ns-shot-grip").drag_to(page.locator(f"#picture-{a} .ns-shot-grip"))
    page.reload()
    assert order_of(product.pk) == [b, a, c]
    names = page.locator(".ns-shot-name").all_inner_texts()
    assert names == ["b.jpg", "a.jpg", "c.jpg"]


def test_words_are_saved_while_others_are_being_made(page: Page, product: Product) -> None:
    image = uploaded(product, "front.jpg")
    open_page(page, product)
    words = page.get_by_label("What it shows")
    words.fill("A linen shirt, seen from the front")
    work()
    expect(page.locator(".ns-shot img")).to_have_count(1)
    expect(words).to_have_value("A linen shirt, seen from the front")

    page.get_by_role("button", name="Save").click()
    expect(page.locator(".ns-shot-said")).to_have_text("Saved.")
    image.refresh_from_db()
    assert image.alt == "A linen shirt, seen from the front"


def test_removed_after_a_question(page: Page, product: Product) -> None:
    uploaded(product, "front.jpg")
    open_page(page, product)
    page.get_by_role("link", name="Remove front.jpg").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("front.jpg has been removed.")).to_be_visible()
    assert not ProductImage.objects.exists()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_looks(page: Page, product: Product, scheme: str, width: int, screenshots: Path | None) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, product)
    if screenshots:
        page.screenshot(path=screenshots / f"pictures-empty-{scheme}-{width}.png")
    for number in range(4):
        uploaded(
            product,
            f"shirt-{number}-seen-from-somewhere-{'x' * 40 * (number == 2)}.jpg",
            photo(800, 500 + 200 * number),
        )
    uploaded(product, "a-mislabelled-one.jpg", png())
    work()
    uploaded(product, "not-yet.jpg")
    open_page(page, product)
    page.get_by_label("Add images").set_input_files(files(("logo.svg", b"<svg/>")))  # type: ignore[arg-type]
    expect(page.get_by_text("logo.svg is an SVG drawing")).to_be_visible()
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{over} px wider than the screen"
    nameless = """
        [...document.querySelectorAll('#content :is(a[href], button, input:not([type=hidden]))')]
            .filter(e => e.offsetParent !== null)
            .filter(e => !(e.innerText?.trim() || e.title || e.ariaLabel || e.placeholder || e.labels?.length
                || e.querySelector('img[alt]')))
            .map(e => e.outerHTML.slice(0, 200))
    """
    assert page.evaluate(nameless) == []
    if screenshots:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=screenshots / f"pictures-{scheme}-{width}.png", full_page=True)

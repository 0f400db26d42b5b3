"""The catalogue's pages at 100,000 products: their median time, and their queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import asked
from benchmarks.many_products import build

PRODUCTS, CATEGORIES, LOCATIONS = 100_000, 300, 3
LIST = "catalog_product_changelist"
BULK = "catalog_product_bulk"
# (what, the list's parameters)
LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("products", {}),
    ("products, page 100", {"p": "100"}),
    ("products, by name", {"o": "1"}),
    ("products, by price", {"o": "3"}),
    ("products, dearest first", {"o": "-3"}),
    ("products, by change", {"o": "-6"}),
    ("searched: シャツ", {"q": "シャツ"}),
    ("searched: しゃつ, another script", {"q": "しゃつ"}),
    ("searched: part of a word", {"q": "helf"}),
    ("searched: two words", {"q": "コーヒー 白"}),
    ("searched: a character", {"q": "青"}),
    ("searched: a character of none", {"q": "鬱"}),
    ("searched: an SKU", {"q": "zz-77777"}),
    ("searched: part of SKUs", {"q": "ZZ-7"}),
    ("searched: a barcode", {"q": "{barcode}"}),
    ("searched: a barcode's middle", {"q": "0000777"}),
    ("searched: nothing like it", {"q": "zebra crossing"}),
    ("of a category", {"category": "{leaf}"}),
    ("of a category with all below", {"category": "{root}"}),
    ("of no category", {"category": "none"}),
    ("active", {"status": "active"}),
    ("archived", {"status": "archived"}),
    ("new", {"new": "yes"}),
    ("not new", {"new": "no"}),
    ("featured", {"featured": "yes"}),
    ("on sale", {"on_sale": "yes"}),
    ("without a barcode", {"barcode": "no"}),
    ("of a range of prices", {"price_from": "1000", "price_to": "1200"}),
    ("of prices that none has", {"price_from": "1000000"}),
    ("filtered and searched", {"category": "{root}", "status": "active", "price_to": "50000", "q": "mug"}),
)


def pages(products: int = PRODUCTS) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of `asked.ROUNDS`, and `queries`. The tables are emptied before."""
    from benchmarks import server

    server.empty()
    began = time.monotonic()
    build(products=products, categories=CATEGORIES, locations=LOCATIONS)
    print(f"  {products:,} products made in {time.monotonic() - began:.0f} s", flush=True)
    return asked.measured(requests())


def requests() -> Iterator[asked.Request]:
    from django.test import Client
    from django.urls import reverse

    client, known = Client(SERVER_NAME="localhost"), _known()
    client.force_login(asked.administrator())
    for what, parameters in LISTS:
        data = {name: value.format(**known) for name, value in parameters.items()}
        yield what, partial(client.get, reverse(f"admin:{LIST}"), data)
    for what, address in {
        "a product": reverse("admin:catalog_product_change", args=[known["product"]]),
        "a new product": reverse("admin:catalog_product_add"),
        "deleting a product, before": reverse("admin:catalog_product_delete", args=[known["product"]]),
        "categories": reverse("admin:catalog_category_changelist"),
        "a category": reverse("admin:catalog_category_change", args=[known["root"]]),
        "bulk edits": reverse("admin:catalog_bulkedit_changelist"),
        "bulk prices of all, before": reverse(f"admin:{BULK}", args=["prices"]),
        "bulk category of a search, before": f"{reverse(f'admin:{BULK}', args=['category'])}?q=mug",
        "bulk status of a category, before": f"{reverse(f'admin:{BULK}', args=['status'])}?category={known['root']}",
    }.items():
        yield what, partial(client.get, address)
    yield "bulk prices of all, preview", _previewed(client, {})
    yield "bulk prices of a search, preview", _previewed(client, {"text": "シャツ"})
    yield "saving a product", _saved(client, known["product"])


def _previewed(client: Any, which: dict[str, str]) -> Callable[[], Any]:
    from django.urls import reverse

    from catalog.products.preview_bulk import newest_of
    from catalog.products.which import ProductFilter

    data = {
        **which, "target": "both", "way": "percent", "value": "7.5", "step": "1", "reason": "measuring",
        "go": "preview", "intent_id": "bench", "seen": "0", "up_to": str(newest_of(ProductFilter(**which))),
    }  # fmt: skip
    return partial(client.post, reverse(f"admin:{BULK}", args=["prices"]), data)


def _saved(client: Any, product: int) -> Callable[[], Any]:
    """Another price each time."""
    from django.urls import reverse

    from catalog.models import Product
    from catalog.products.differences import of_product

    def save() -> Any:
        now = Product.objects.get(pk=product)
        values = {name: value for name, value in of_product(now).items() if value not in (None, False)}
        data = {**values, "price": str(now.price + 1), "version": now.version, "base": "{}", "_continue": "1"}
        response = client.post(reverse("admin:catalog_product_change", args=[product]), data)
        if response.status_code != 302:
            raise SystemExit("The product was not saved.")
        return response

    return save


def _known() -> dict[str, Any]:
    from catalog.models import Category, Product

    product = Product.objects.order_by("-pk")[22_000 if Product.objects.count() > 22_000 else 7]
    return {
        "product": product.pk,
        "barcode": product.barcode,
        "root": Category.objects.filter(depth=1).order_by("path")[2].pk,
        "leaf": Category.objects.filter(numchild=0).order_by("path")[20].pk,
    }

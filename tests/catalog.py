"""What the catalogue's tests are made of: products, categories, and people who may edit them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from catalog.gtin import check_digit
from catalog.models import Category, Product
from tests.integration.pages import person

EDITOR = ("view_product", "add_product", "change_product", "delete_product", "view_category", "add_category",
          "change_category", "delete_category")  # fmt: skip
LIST = "admin:catalog_product_changelist"


def barcode(number: int) -> str:
    body = f"49{number:010}"
    return body + check_digit(body)


def a_product(sku: str = "SKU-1", **values: Any) -> Any:
    made = Product.objects.create(**{"name": f"Product {sku}", "sku": sku, "price": Decimal(1000), **values})
    made.refresh_from_db()
    return made


def a_category(name: str, below: Category | None = None) -> Category:
    new = Category(name=name, slug=name.lower().replace(" ", "-"))
    made: Category = (
        Category.objects.add_child(Category.objects.get(pk=below.pk), instance=new)
        if below
        else Category.objects.add_root(instance=new)
    )
    return made


def an_editor(name: str = "hanako") -> User:
    return person(*EDITOR, name=name)


def change_address(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def bulk(verb: str) -> str:
    return reverse("admin:catalog_product_bulk", args=[verb])


def form_of(html: str) -> dict[str, str]:
    """What a browser would send of a page's product form, as it stands there."""
    from html.parser import HTMLParser

    sent: dict[str, str] = {}

    class Reader(HTMLParser):
        select, area = "", ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = {name: value or "" for name, value in attrs}
            name = given.get("name", "")
            if tag == "select":
                self.select = name
                sent.setdefault(name, "")
            elif tag == "option" and "selected" in given and self.select:
                sent[self.select] = given.get("value", "")
            elif tag == "textarea":
                self.area = name
                sent[name] = ""
            elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
                sent[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")

        def handle_endtag(self, tag: str) -> None:
            self.select, self.area = ("" if tag == "select" else self.select), ("" if tag == "textarea" else self.area)

        def handle_data(self, data: str) -> None:
            if self.area:
                sent[self.area] += data.removeprefix("\n")

    Reader().feed(html[html.index('id="product_form"') :])
    fields = ("name", "sku", "barcode", "category", "description", "price", "sale_price", "status", "is_new",
              "is_featured", "version", "base")  # fmt: skip
    return {name: value for name, value in sent.items() if name in fields}

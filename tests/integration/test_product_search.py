"""Products found by parts of words in any language, exact codes first; and by filters, each by its index."""

from __future__ import annotations

import pytest

from catalog.models import Product
from catalog.products.which import BadFilter, ProductFilter
from catalog.search import search
from tests.catalog import a_category, a_product, barcode

pytestmark = pytest.mark.django_db


def found(term: str) -> list[str]:
    return [product.name for product in search(Product.objects.order_by("-pk"), term)]


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("シャツ 青", "しゃつ"), ("シャツ 青", "ｼｬﾂ"), ("ｼｬﾂ", "シャツ"), ("しゃつ", "シャツ"), ("シャツ", "ャツ"),
        ("Ｔシャツ", "tシャ"), ("Blue Mug", "blu"), ("Blue Mug", "UG"), ("Blue Mug", "mug blue"), ("青", "青"),
        ("Blue Mug", "g"), ("お茶", "茶"), ("抹茶ラテ　大", "大　ラテ"), ("１００％", "100%"), ("Nail 10_20", "10_20"),
        ("ガラス", "ｶﾞﾗｽ"), ("50% off", "50%"),
    ],
)  # fmt: skip
def test_it_is_found(name: str, term: str) -> None:
    a_product("X-9", name=name)

    assert found(term) == [name]


@pytest.mark.parametrize(
    ("name", "term"),
    [("シャツ", "シツ"), ("Blue Mug", "bug"), ("Blue Mug", "blue cup"), ("Mug", "%"), ("Mug", "_"), ("Mug", "M%g"),
     ("Nail 10x20", "10_20"), ("abcab", "caa"), ("Mug", "\\")],
)  # fmt: skip
def test_it_is_not_found(name: str, term: str) -> None:
    a_product("X-9", name=name)

    assert found(term) == []


def test_a_code_is_found_and_its_owner_is_first() -> None:
    a_product("MUG", name="The mug", barcode=barcode(7))
    a_product("MUG-2", name="Newer")
    a_product("X", name="Goes with mug")

    assert found("mug") == ["The mug", "Goes with mug", "Newer"]
    assert found("ＭＵＧ") == ["The mug", "Goes with mug", "Newer"]
    assert found(barcode(7)) == ["The mug"]
    assert found(barcode(7)[3:9]) == ["The mug"]


@pytest.mark.parametrize("term", ["", " ", "\0", "'; --", "x" * 5000, "a " * 500, "{", "\U0001f375"])
def test_whatever_is_typed_is_no_fault(term: str) -> None:
    a_product()

    assert isinstance(found(term), list)


def test_filters_find_what_they_say() -> None:
    clothes = a_category("Clothes")
    shirts = a_category("Shirts", clothes)
    a_product("IN", category=shirts, price=1000, sale_price=900, is_new=True, barcode=barcode(1))
    a_product("OUT", price=500, status="active", is_featured=True)

    def skus(**which: str) -> list[str]:
        return sorted(ProductFilter.of(which).products().values_list("sku", flat=True))

    assert skus(category=str(clothes.pk)) == skus(category=str(shirts.pk)) == ["IN"]
    assert skus(category="none") == skus(status="active") == skus(featured="yes") == ["OUT"]
    assert skus(new="yes") == skus(on_sale="yes") == skus(barcode="yes") == skus(price_from="５０１") == ["IN"]
    assert skus(barcode="no") == skus(price_to="500") == skus(new="no") == ["OUT"]
    assert skus(q="in", new="yes") == ["IN"]
    assert skus(category="404") == []
    assert skus() == ["IN", "OUT"]


@pytest.mark.parametrize(
    "which", [{"status": "sold"}, {"new": "perhaps"}, {"price_from": "cheap"}, {"category": "shirts"}, {"ids": "1,x"}]
)
def test_a_filter_that_is_none_is_told(which: dict[str, str]) -> None:
    with pytest.raises(BadFilter, match="is"):
        ProductFilter.of(which)

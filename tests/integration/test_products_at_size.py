"""With many products: each question has its index, and the list's pages keep their budget whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from benchmarks.many_products import build
from catalog.models import Category, Product
from catalog.products.which import ProductFilter
from catalog.search import matching, search
from tests.at_size import standing
from tests.catalog import EDITOR, LIST
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of

pytestmark = [pytest.mark.django_db, MARKS[1]]
MANY = 20_000
# What is searched or filtered for, and the index that answers it.
PLANS: list[tuple[dict[str, str], str]] = [
    ({"text": "シャツ 7777"}, "product_by_pairs"),
    ({"text": "zz-77"}, "product_by_pairs"),
    ({"text": "nothing like it"}, "product_by_pairs"),
    ({"category": "{leaf}"}, "product_by_category"),
    ({"status": "archived"}, "product_by_status"),
    ({"new": "yes"}, "product_new"),
    ({"featured": "yes"}, "product_featured"),
    ({"on_sale": "yes"}, "product_on_sale"),
    ({"barcode": "no"}, "product_without_barcode"),
    ({"price_from": "1000000"}, "product_by_price"),
    ({}, "catalog_product_pkey"),
]


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with standing(django_db_blocker, lambda: build(products=MANY, categories=120, locations=2)):
        yield


def test_searches_and_filters_have_their_index(many: None) -> None:
    leaf = Category.objects.filter(numchild=0).order_by("pk")[3].pk
    plans = {}
    for which, index in PLANS:
        given = {name: value.format(leaf=leaf) for name, value in which.items()}
        plans[str(which)] = ProductFilter.of(given).products().order_by("-pk")[:51].explain(), index

    assert {which: plan for which, (plan, index) in plans.items() if index not in plan} == {}
    assert {which: plan for which, (plan, _) in plans.items() if "Seq Scan on catalog_product" in plan} == {}


def test_sorting_has_its_index(many: None) -> None:
    for column, index in (
        ("price", "product_by_price"),
        ("name", "product_by_name"),
        ("-updated_at", "product_by_upd"),
    ):
        assert index in Product.objects.order_by(column, "-pk")[:51].explain()


def test_exact_codes_are_looked_up_by_index(many: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert list(search(Product.objects.all(), "zz-19999")[:2])

    first = queries.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {first}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "product_sku_unique" in plan


def test_the_index_finds_what_reading_all_would(many: None) -> None:
    """The pairs only narrow down: what is found is what the text says."""
    for term in ("シャツ", "blue", "77", "Mug 1"):
        words = term.lower().split()
        read = {pk for pk, folded in Product.objects.values_list("pk", "folded") if all(w in folded for w in words)}
        assert set(matching(Product.objects.order_by(), term).values_list("pk", flat=True)) == read
        assert read


@pytest.mark.parametrize(
    "which",
    [{}, {"q": "シャツ"}, {"q": "a"}, {"q": "zz-77"}, {"category": "1"}, {"status": "active"}, {"on_sale": "yes"},
     {"price_from": "100", "price_to": "2000"}, {"p": "3"}, {"o": "3"}],
)  # fmt: skip
def test_the_list_keeps_its_budget(many: None, which: dict[str, str]) -> None:
    client = signed_in(*EDITOR)
    client.get(reverse(LIST))

    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse(LIST), which)

    assert response.status_code == 200
    assert len(queries) <= BUDGET
    assert len(text_of(response)) > 20_000 or which.get("q") == "zz-77" or which.get("category")

"""Two people at one product, two workers at one bulk edit, two moves in one tree: on real connections."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from catalog.categories.save_category import save_category
from catalog.models import BulkEdit, Category, Product
from catalog.products import work_bulk
from catalog.products.add_product import add_product
from catalog.products.delete_product import delete_product
from catalog.products.preview_bulk import newest_of
from catalog.products.refused import ChangedMeanwhile, Refused
from catalog.products.save_product import save_product
from catalog.products.start_bulk import start_bulk
from catalog.products.which import ProductFilter
from monitoring.models import AuditEntry
from tests.catalog import a_category, a_product, an_editor
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> list[User]:
    return [an_editor("hanako"), an_editor("taro")]


def outcome(verb: Callable[[], Any]) -> Any:
    try:
        return verb()
    except (ChangedMeanwhile, Refused) as refusal:
        return refusal


def test_of_two_who_save_at_once_one_is_told(people: list[User]) -> None:
    for number in range(10):
        product = a_product(f"S-{number}")
        verbs = [
            partial(save_product, product.pk, {"price": Decimal(price)}, seen=1, actor=person)
            for person, price in zip(people, (500, 600), strict=True)
        ]

        results = race([partial(outcome, verb) for verb in verbs])

        refused = [result for result in results if isinstance(result, ChangedMeanwhile)]
        product.refresh_from_db()
        assert len(refused) == 1
        assert refused[0].version == product.version == 2
        assert refused[0].differences[0].theirs == f"{product.price:.2f}"
    assert AuditEntry.objects.filter(action="change").count() == 10


def test_of_two_who_take_one_sku_one_is_told(people: list[User]) -> None:
    for number in range(10):
        verbs = [
            partial(add_product, {"name": "x", "sku": sku, "price": 1}, actor=person)
            for person, sku in zip(people, (f"sku-{number}", f"SKU-{number}"), strict=True)
        ]

        results = race([partial(outcome, verb) for verb in verbs])

        refused = [result for result in results if isinstance(result, Refused)]
        assert [list(each.fields) for each in refused] == [["sku"]]
        assert Product.objects.count() == number + 1


def test_deleted_by_two_it_is_gone_once(people: list[User]) -> None:
    product = a_product()

    results = race([partial(outcome, partial(delete_product, product.pk, actor=person)) for person in people])

    assert sum(isinstance(result, Refused) for result in results) == 1
    assert AuditEntry.objects.filter(action="delete").count() == 1


def test_two_workers_do_each_batch_once(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_bulk, "PER_TRANSACTION", 5)
    for number in range(60):
        a_product(f"S-{number}", price=Decimal(1000))
    rule = {"target": "price", "way": "amount", "value": "1", "step": "1"}
    edit = start_bulk(
        "prices", ProductFilter(), rule, up_to=newest_of(ProductFilter()), intent_id="i", reason="r", actor=people[0]
    )

    while BulkEdit.objects.filter(status="running").exists():
        race([partial(work_bulk.work_bulk, edit.pk)] * 2)

    assert {(int(price), version) for price, version in Product.objects.values_list("price", "version")} == {(1001, 2)}
    edit.refresh_from_db()
    assert (edit.done, edit.changed) == (60, 60)


def test_the_same_form_at_once_is_one_bulk_edit(people: list[User]) -> None:
    a_product(price=Decimal(1000))
    rule = {"target": "price", "way": "amount", "value": "1", "step": "1"}
    begin = partial(start_bulk, "prices", ProductFilter(), rule, up_to=newest_of(ProductFilter()), intent_id="i",
                    reason="r", actor=people[0])  # fmt: skip

    first, second = race([begin, begin])

    assert first.pk == second.pk
    assert Product.objects.get().price == 1001


def test_a_bulk_edit_and_a_person_do_not_overwrite_each_other(people: list[User]) -> None:
    product = a_product(price=Decimal(1000))
    rule = {"target": "price", "way": "amount", "value": "1", "step": "1"}
    begin = partial(start_bulk, "prices", ProductFilter(), rule, up_to=product.pk, intent_id="i", reason="r",
                    actor=people[0])  # fmt: skip
    save = partial(save_product, product.pk, {"price": Decimal(500)}, seen=1, actor=people[1])

    _, saved = race([begin, partial(outcome, save)])

    product.refresh_from_db()
    assert (product.price, product.version) == ((1001, 2) if isinstance(saved, ChangedMeanwhile) else (501, 3))


def test_two_moves_leave_a_tree(people: list[User]) -> None:
    """Each under the other: one of them would make a circle."""
    for number in range(6):
        first, second = a_category(f"A{number}"), a_category(f"B{number}")
        verbs = [
            partial(save_category, first.pk, {}, second.pk, actor=people[0]),
            partial(save_category, second.pk, {}, first.pk, actor=people[1]),
        ]

        results = race([partial(outcome, verb) for verb in verbs])

        assert sum(isinstance(result, Refused) for result in results) == 1
        assert Category.objects.find_problems() == ([], [], [], [], [])

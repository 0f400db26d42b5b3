"""Proposals are accepted and rejected field by field, by the catalogue's own verb, and never over what people wrote."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from batches.models import ProductProposal
from batches.proposals.decide import Decided, accept, reject
from batches.proposals.fields import Refused
from catalog.models import Product
from monitoring.models import AuditEntry
from tests.builders import ingested, jsonl
from tests.integration.pages import person
from tests.kinds import a_category, a_product, products_job, proposal_line, the_proposal

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ["name", "description", "category", "price"]
MAY = ("decide_productproposal", "change_product", "add_product")


@pytest.fixture
def by() -> User:
    return person(*MAY, name="hanako")


def proposed(*lines: bytes) -> ProductProposal:
    ingested(jsonl(lines or [proposal_line()]), job=products_job())
    return the_proposal()


def accepted(row: ProductProposal, fields: list[str], by: User, **more: Any) -> Decided:
    product = Product.objects.filter(sku=row.sku).first()
    asked: dict[str, Any] = {"content": row.content, "seen": product.version if product else None, **more}
    return accept(row.pk, fields, actor=by, **asked)


def test_one_field_goes_into_the_product(by: User) -> None:
    product = a_product()
    row = proposed()
    assert accepted(row, ["price"], by).fields == ["price"]

    product.refresh_from_db()
    assert (product.price, product.name, product.version) == (Decimal("1280.00"), "Tote", 2)
    row.refresh_from_db()
    assert (row.price_status, row.price_by, row.name_status, row.state) == ("accepted", by, "waiting", "partly")
    assert row.price_at is not None
    assert row.product == product
    assert set(AuditEntry.objects.values_list("action", "subject")) == {("change", "product"), ("accept", "proposal")}


def test_all_fields_one_after_the_other(by: User) -> None:
    bags = a_category()
    product = a_product()
    row = proposed()
    for name in ALL:
        assert accepted(row, [name], by).refused == {}
    product.refresh_from_db()
    assert (product.name, product.description, product.category, product.version) == (
        "Linen tote", "A bag of linen.", bags, 5,
    )  # fmt: skip
    assert the_proposal().state == "decided"


@pytest.mark.parametrize("named", ["bags", "BAGS", " Bags "])
def test_a_category_by_slug_or_name(by: User, named: str) -> None:
    bags = a_category("Bags", "bags")
    product = a_product()
    accepted(proposed(proposal_line(category=named)), ["category"], by)
    product.refresh_from_db()
    assert product.category == bags


def test_a_category_that_is_unknown_or_ambiguous(by: User) -> None:
    a_category("Bags", "bags-a")
    a_category("Bags", "bags-b")
    a_product()
    row = proposed(proposal_line(category="Bags"))
    done = accepted(row, ["category", "price"], by)
    assert done.fields == ["price"]
    assert "2 categories are called Bags (bags-a, bags-b)" in done.refused["category"]
    assert the_proposal().category_status == "waiting"


def test_rejected_fields_change_nothing(by: User) -> None:
    product = a_product()
    row = proposed()
    assert reject(row.pk, ["name", "price"], actor=by, content=row.content).fields == ["name", "price"]
    product.refresh_from_db()
    assert (product.version, the_proposal().name_status, the_proposal().state) == (1, "rejected", "partly")
    with pytest.raises(Refused, match="decided already"):
        reject(row.pk, ["name"], actor=by, content=row.content)


def test_what_was_rejected_can_still_be_accepted_and_not_the_other_way(by: User) -> None:
    a_product()
    row = proposed()
    reject(row.pk, ["name"], actor=by, content=row.content)
    assert accepted(row, ["name"], by).fields == ["name"]
    with pytest.raises(Refused):
        reject(row.pk, ["name"], actor=by, content=row.content)


def test_a_field_that_somebody_changed_since_is_shown_and_kept(by: User) -> None:
    product = a_product()
    row = proposed()
    Product.objects.filter(pk=product.pk).update(name="By hand", version=2)

    done = accepted(row, ["name", "price"], by)
    assert done.fields == ["price"]
    assert "it was “Tote”, and is “By hand” now" in done.refused["name"]
    product.refresh_from_db()
    assert (product.name, product.price) == ("By hand", Decimal("1280.00"))

    assert accepted(row, ["name"], by, over=["name"]).fields == ["name"]
    product.refresh_from_db()
    assert product.name == "Linen tote"


def test_somebody_else_saves_in_between(by: User) -> None:
    product = a_product()
    row = proposed()
    Product.objects.filter(pk=product.pk).update(description="New", version=2)
    done = accepted(row, ["price"], by, seen=1)
    assert done.fields == []
    assert "changed meanwhile" in done.refused["price"]
    product.refresh_from_db()
    assert product.price == Decimal("1000.00")
    assert the_proposal().price_status == "waiting"


def test_changed_to_just_what_is_proposed_is_no_conflict(by: User) -> None:
    product = a_product()
    row = proposed()
    Product.objects.filter(pk=product.pk).update(name="Linen tote")
    assert accepted(row, ["name"], by).fields == ["name"]


def test_an_unknown_sku_becomes_a_draft(by: User) -> None:
    a_category()
    ingested(jsonl([proposal_line("NEW-1")]), job=products_job())
    row = the_proposal("NEW-1")
    done = accepted(row, ALL, by)
    product = Product.objects.get(sku="NEW-1")
    assert (done.created, done.product_id) == (True, product.pk)
    assert (product.status, product.name, product.price) == ("draft", "Linen tote", Decimal("1280.00"))
    assert product.category is not None


def test_a_draft_needs_name_and_price(by: User) -> None:
    ingested(jsonl([proposal_line("NEW-1")]), job=products_job())
    row = the_proposal("NEW-1")
    done = accepted(row, ["name", "description"], by)
    assert done.fields == []
    assert "accept its name and its price together" in done.refused["name"]
    assert not Product.objects.exists()


def test_the_rest_of_a_drafts_fields_follow(by: User) -> None:
    a_category()
    ingested(jsonl([proposal_line("NEW-1")]), job=products_job())
    row = the_proposal("NEW-1")
    accepted(row, ["name", "price"], by)
    assert accepted(row, ["description", "category"], by).refused == {}
    assert the_proposal("NEW-1").state == "decided"


def test_a_product_registered_since_is_compared_first(by: User) -> None:
    ingested(jsonl([proposal_line("NEW-1")]), job=products_job())
    row = the_proposal("NEW-1")
    a_product("new-1", name="By hand")
    with pytest.raises(Refused, match="has been registered"):
        accept(row.pk, ALL, actor=by, content=row.content, seen=None)
    done = accept(row.pk, ["name"], actor=by, content=row.content, seen=1)
    assert "was registered since" in done.refused["name"]
    assert Product.objects.get().name == "By hand"


def test_what_the_catalogue_refuses_is_told_and_the_rest_written(by: User) -> None:
    product = a_product(sale_price=Decimal("900.00"))
    row = proposed(proposal_line(price=500))
    done = accepted(row, ["name", "price"], by)
    assert done.fields == ["name"]
    assert "sale price" in done.refused["price"]
    product.refresh_from_db()
    assert (product.name, product.price) == ("Linen tote", Decimal("1000.00"))


def test_a_later_file_changed_it_meanwhile(by: User) -> None:
    a_product()
    row = proposed()
    ingested(jsonl([proposal_line(price=1)]), "two.jsonl", products_job())
    with pytest.raises(Refused, match="later file"):
        accepted(row, ["price"], by)


@pytest.mark.parametrize("missing", ["decide_productproposal", "change_product"])
def test_permissions(missing: str) -> None:
    product = a_product()
    row = proposed()
    who = person(*(name for name in MAY if name != missing))
    with pytest.raises(PermissionDenied):
        accepted(row, ["price"], who)
    product.refresh_from_db()
    assert (product.version, the_proposal().state) == (1, "waiting")
    assert AuditEntry.objects.filter(allowed=False).exists()

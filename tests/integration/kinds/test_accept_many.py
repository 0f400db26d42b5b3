"""Many proposals are accepted by their confidence: previewed, frozen, in batches, once, each with what became of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from batches.models import Acceptance, AcceptanceItem, ProductProposal
from batches.proposals import accept_some as step
from batches.proposals.fields import Refused
from batches.proposals.preview import preview
from batches.proposals.start import start_acceptance
from batches.proposals.wake import due
from batches.proposals.which import Which
from batches.proposals.work import work_acceptances
from batches.proposals.write import write
from catalog.models import Product
from monitoring.audit import record
from monitoring.models import AuditEntry
from tests.builders import ingested, jsonl
from tests.integration.pages import person
from tests.kinds import a_product, products_job, proposal_line, the_proposal

pytestmark = pytest.mark.django_db(transaction=True)
MAY = ("decide_productproposal", "change_product", "add_product")
PRICES = {"fields": ["price"], "threshold": "0.9"}


@pytest.fixture
def by() -> User:
    return person(*MAY, name="hanako")


def proposed(number: int = 5, **changes: Any) -> None:
    """So many products, and for each a price; the model is 0.50, 0.60, 0.70 … sure."""
    for at in range(number):
        a_product(f"TOTE-{at}")
    lines = [
        proposal_line(f"TOTE-{at}", description=..., category=..., confidence=round(0.5 + at / 10, 2), **changes)
        for at in range(number)
    ]
    ingested(jsonl(lines), job=products_job())


def begun(by: User, *, intent: str = "", **which: Any) -> Acceptance:
    chosen = Which.of({**PRICES, **which})
    return start_acceptance(chosen, actor=by, reason="Looked at.", intent_id=intent or uuid4().hex)[0]


def prices() -> dict[str, str]:
    return {sku: str(price) for sku, price in Product.objects.order_by("sku").values_list("sku", "price")}


def test_those_that_are_sure_enough(by: User) -> None:
    proposed(5)
    acceptance = begun(by, threshold="0.7")
    assert acceptance.total == 3
    assert work_acceptances() == 3

    assert prices() == {f"TOTE-{at}": "1280.00" if at >= 2 else "1000.00" for at in range(5)}
    acceptance.refresh_from_db()
    assert (acceptance.status, acceptance.finished_at is not None) == ("finished", True)
    row = the_proposal("TOTE-4")
    assert (row.price_status, row.price_by, row.name_status, row.state) == ("accepted", by, "waiting", "partly")
    assert the_proposal("TOTE-1").state == "waiting"
    told = AuditEntry.objects.filter(subject="acceptance").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["accept_many", "accept_batch"]
    assert work_acceptances() == 0


def test_each_field_by_its_own_confidence(by: User) -> None:
    a_product()
    ingested(jsonl([proposal_line(confidence={"name": 0.99, "price": 0.5})]), job=products_job())
    begun(by, fields=["name", "price", "description"], threshold="0.9")
    work_acceptances()
    product = Product.objects.get()
    assert (product.name, product.price, product.description) == ("Linen tote", Decimal("1000.00"), "")


def test_what_is_refused_says_why_and_the_others_go_in(by: User) -> None:
    proposed(5)
    Product.objects.filter(sku="TOTE-3").update(price=5, version=2)
    ingested(jsonl([proposal_line("NEW-1", name=..., confidence=1)]), "two.jsonl", products_job())
    acceptance = begun(by, threshold="0.5")
    work_acceptances()

    assert prices()["TOTE-3"] == "5.00"
    items = {item.proposal.sku: item for item in acceptance.items.select_related("proposal")}
    assert {sku: item.status for sku, item in items.items()} == {
        **{f"TOTE-{at}": "accepted" for at in (0, 1, 2, 4)}, "TOTE-3": "refused", "NEW-1": "refused",
    }  # fmt: skip
    assert "is “5.00” now" in items["TOTE-3"].message
    assert "not in the catalogue" in items["NEW-1"].message
    assert the_proposal("TOTE-3").price_status == "waiting"


def test_a_new_product_when_name_and_price_are_sure(by: User) -> None:
    ingested(jsonl([proposal_line("NEW-1", confidence=1)]), job=products_job())
    begun(by, fields=["name", "price"], threshold="0.9")
    work_acceptances()
    assert Product.objects.get(sku="NEW-1").status == "draft"


def test_the_set_is_frozen(by: User) -> None:
    proposed(2)
    acceptance = begun(by, threshold="0.5")
    a_product("LATER")
    ingested(jsonl([proposal_line("LATER", confidence=1), proposal_line("TOTE-0", price=7, confidence=1)]),
             "two.jsonl", products_job())  # fmt: skip
    work_acceptances()

    assert prices() == {"LATER": "1000.00", "TOTE-0": "1000.00", "TOTE-1": "1280.00"}
    assert "later file" in acceptance.items.get(proposal__sku="TOTE-0").message


def test_killed_after_a_batch_the_next_worker_goes_on(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "ITEMS_PER_TRANSACTION", 2)
    proposed(5)
    acceptance = begun(by, threshold="0.5")

    class Killed(BaseException):
        pass

    calls: list[Any] = []

    def dies_in_the_second(*args: Any, **more: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise Killed  # everything of the batch is written, nothing committed
        return record(*args, **more)

    monkeypatch.setattr("monitoring.audit.record", lambda *args, **more: (
        dies_in_the_second(*args, **more) if args[1] == "accept_batch" else record(*args, **more)
    ))  # fmt: skip
    with pytest.raises(Killed):
        work_acceptances()
    assert AcceptanceItem.objects.filter(status="accepted").count() == 2
    assert list(prices().values()).count("1280.00") == 2
    assert not due().exists()

    Acceptance.objects.filter(pk=acceptance.pk).update(leased_until=None)  # the dead worker's lease has run out
    assert due().exists()
    assert work_acceptances() == 3
    assert set(prices().values()) == {"1280.00"}
    assert set(Product.objects.values_list("version", flat=True)) == {2}


def test_a_lost_lease_changes_nothing(by: User) -> None:
    proposed(2)
    acceptance = begun(by, threshold="0.5")
    Acceptance.objects.filter(pk=acceptance.pk).update(lease=7)
    with pytest.raises(step.LeaseLost):
        step.accept_some(acceptance.pk, 6)
    assert set(prices().values()) == {"1000.00"}


def test_a_form_that_is_sent_twice_begins_one(by: User) -> None:
    proposed(2)
    which = Which.of(PRICES | {"threshold": "0.5"})
    first, new = start_acceptance(which, actor=by, reason="Yes.", intent_id="one")
    again, new_again = start_acceptance(which, actor=by, reason="Yes.", intent_id="one")
    assert (first.pk, new, new_again) == (again.pk, True, False)
    with pytest.raises(Refused, match="other choices"):
        start_acceptance(Which.of(PRICES | {"threshold": "0.6"}), actor=by, reason="Yes.", intent_id="one")


def test_the_preview_says_what_will_happen(by: User) -> None:
    proposed(5)
    Product.objects.filter(sku="TOTE-3").update(price=5, version=2)
    shown = preview(Which.of(PRICES | {"threshold": "0.7"}))
    assert (shown.count, shown.written, shown.refused, shown.by_field, shown.whole) == (3, 2, 1, {"Price": 2}, True)
    [change] = shown.samples[0].changes
    assert (change.label, change.was, change.now) == ("Price", "1000.00", "1280.00")
    assert [each.proposal.sku for each in shown.refusals] == ["TOTE-3"]
    assert set(prices().values()) == {"1000.00", "5.00"}


def test_only_of_one_job_or_category(by: User) -> None:
    a_product("A")
    a_product("B")
    ingested(jsonl([proposal_line("A", category="bags", confidence=1)]), job=products_job())
    ingested(jsonl([proposal_line("B", category="cups", confidence=1)]), job=products_job("products-2"))
    assert preview(Which.of(PRICES)).count == 2
    assert preview(Which.of(PRICES | {"job": "products-2"})).count == 1
    assert preview(Which.of(PRICES | {"category": "bags"})).count == 1
    with pytest.raises(Refused, match="nothing to accept"):
        begun(by, job="nobodys")


@pytest.mark.parametrize("wrong", [{"fields": []}, {"fields": ["sku"]}, {"threshold": "2"}, {"threshold": "sure"},
                                   {"threshold": "NaN"}])  # fmt: skip
def test_choices_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Which.of(PRICES | wrong)


def test_whoever_lost_the_permission_meanwhile(by: User) -> None:
    proposed(1)
    acceptance = begun(by, threshold="0.5")
    by.user_permissions.clear()
    work_acceptances()
    assert "may not do this any more" in acceptance.items.get().message
    assert set(prices().values()) == {"1000.00"}


def test_permissions(by: User) -> None:
    proposed(1)
    for name in ("decide_productproposal", "change_product"):
        with pytest.raises(PermissionDenied):
            begun(person(name, name=name), threshold="0.5")
    assert not Acceptance.objects.exists()


def test_a_surprise_is_one_proposals_own(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed(3)
    acceptance = begun(by, threshold="0.5")

    def surprising(judged: Any, **more: Any) -> list[str]:
        if judged.proposal.sku == "TOTE-1":
            raise RuntimeError("boom")
        return write(judged, **more)

    monkeypatch.setattr("batches.proposals.accept_some.write", surprising)
    work_acceptances()
    assert prices() == {"TOTE-0": "1280.00", "TOTE-1": "1000.00", "TOTE-2": "1280.00"}
    assert "RuntimeError: boom" in acceptance.items.get(proposal__sku="TOTE-1").message
    assert ProductProposal.objects.filter(price_status="accepted").count() == 2

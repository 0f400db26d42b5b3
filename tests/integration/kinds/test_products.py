"""Result files of the kind "products" go the receipts' way, and end as proposals; the catalogue stays as it is."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from batches.balance import of_job
from batches.models import DeadLetter, Job, ProductProposal
from batches.pipeline import parse
from batches.proposals.decide import accept, reject
from catalog.models import Product
from tests.builders import counts, error_line, ingested, jsonl, status_of, taken_in, the_letter, transaction_id
from tests.integration.pages import person
from tests.kinds import PRODUCTS_JOB, a_category, a_product, products_job, proposal_line, the_proposal
from tests.redrives import a_rule, outcomes, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)
MAY = ("decide_productproposal", "change_product", "add_product")


def brought(*lines: bytes, name: str = "results.jsonl") -> Any:
    return ingested(jsonl(lines), name, products_job())


def test_a_line_becomes_a_proposal() -> None:
    a_product(category=a_category())
    brought(proposal_line())

    row = the_proposal()
    assert row.pk == transaction_id("TOTE-1", PRODUCTS_JOB)
    assert (row.name, row.category, str(row.price)) == ("Linen tote", "bags", "1280.00")
    assert [str(getattr(row, f"{name}_confidence")) for name in ("name", "description", "category", "price")] == [
        "0.990", "0.900", "0.800", "0.970",
    ]  # fmt: skip
    assert (str(row.confidence), row.state, row.name_status) == ("0.800", "waiting", "waiting")
    assert row.base == {"name": "Tote", "description": "", "category": "bags", "price": "1000.00"}
    assert Product.objects.get().name == "Tote"
    assert (counts(PRODUCTS_JOB), status_of(PRODUCTS_JOB)) == ({"inserted": 1}, "finished")


def test_what_is_not_proposed_is_null_and_an_unknown_sku_is_no_fault() -> None:
    brought(proposal_line("NEW-1", description=..., category=..., confidence=...))
    row = the_proposal("NEW-1")
    assert (row.description, row.category, row.confidence, row.base, row.product) == (None, None, None, None, None)


def test_confidence_of_the_whole_is_unknown_when_a_fields_is() -> None:
    brought(proposal_line(confidence={"name": 0.9}))
    assert (the_proposal().confidence, str(the_proposal().name_confidence)) == (None, "0.900")


def test_bad_lines_are_letters_and_the_others_go_in() -> None:
    bad = [error_line("TOTE-2"), proposal_line("TOTE-3", price=-1), proposal_line("TOTE-4", name=""), b"{"]
    brought(proposal_line(), *bad)

    assert counts(PRODUCTS_JOB) == {"inserted": 1, "dead": 4}
    assert status_of(PRODUCTS_JOB) == "with_letters"
    codes = dict(DeadLetter.objects.values_list("record_id", "code"))
    assert codes == {"TOTE-2": "model_error", "TOTE-3": "invalid_price", "TOTE-4": "empty_field", "": "malformed_json"}
    letter = the_letter(record_id="TOTE-3")
    assert letter.transaction_id == transaction_id("TOTE-3", PRODUCTS_JOB)
    assert (letter.field, letter.amount) == ("price", None)


def test_letters_of_one_problem_are_one_group() -> None:
    brought(*[proposal_line(f"TOTE-{number}", price=-number) for number in range(1, 6)])
    assert DeadLetter.objects.values("group").distinct().count() == 1


def test_a_repeated_file_changes_nothing() -> None:
    content = jsonl(proposal_line(f"TOTE-{number}") for number in range(5))
    ingested(content, "one.jsonl", products_job())
    ingested(content, "two.jsonl", products_job())

    assert counts(PRODUCTS_JOB) == {"inserted": 5, "unchanged": 5}
    assert set(ProductProposal.objects.values_list("revision", flat=True)) == {1}


def test_a_product_that_changed_does_not_make_a_repeated_line_an_update() -> None:
    product = a_product()
    brought(proposal_line(), name="one.jsonl")
    Product.objects.filter(pk=product.pk).update(name="Another")
    brought(proposal_line(), name="two.jsonl")
    assert counts(PRODUCTS_JOB) == {"inserted": 1, "unchanged": 1}


def test_a_corrected_file_updates_what_nobody_has_decided_about() -> None:
    brought(proposal_line(), name="one.jsonl")
    brought(proposal_line(price=1480), name="two.jsonl")

    assert counts(PRODUCTS_JOB) == {"inserted": 1, "updated": 1}
    assert (str(the_proposal().price), the_proposal().revision) == ("1480.00", 2)


def test_the_later_line_of_a_file_holds(small_chunks: None) -> None:
    brought(proposal_line(price=1), proposal_line("OTHER"), proposal_line(price=2))
    assert str(the_proposal().price) == "2.00"
    assert counts(PRODUCTS_JOB) == {"inserted": 2, "superseded": 1}


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_a_decided_proposal_is_kept_and_a_letter_shows_both(verb: str) -> None:
    a_product()
    brought(proposal_line(), name="one.jsonl")
    row, by = the_proposal(), person(*MAY, name="hanako")
    if verb == "accept":
        accept(row.pk, ["name"], actor=by, content=row.content, seen=1)
    else:
        reject(row.pk, ["name"], actor=by, content=row.content)
    brought(proposal_line(name="Hemp tote"), name="two.jsonl")

    assert the_proposal().name == "Linen tote"
    assert counts(PRODUCTS_JOB) == {"inserted": 1, "superseded": 1}
    letter = the_letter(kind="conflict")
    assert f"name was {verb}ed by hanako" in letter.message
    assert "name: 'Linen tote' is stored, the line says 'Hemp tote'" in letter.message
    assert letter.transaction_id == row.pk


def test_the_same_line_again_is_no_conflict_and_takes_no_decision_away() -> None:
    a_product()
    brought(proposal_line(), name="one.jsonl")
    row = the_proposal()
    accept(row.pk, ["name"], actor=person(*MAY), content=row.content, seen=1)
    brought(proposal_line(), proposal_line(), name="two.jsonl")
    assert (the_proposal().name_status, the_proposal().state) == ("accepted", "partly")
    assert not DeadLetter.objects.exists()


def test_a_letter_is_redriven_by_a_rule() -> None:
    brought(proposal_line(price="USD 12"))
    letter = the_letter()
    rule = a_rule([{"op": "strip_prefix", "field": "price", "text": "USD"}], str(letter.group_id))
    redrive = started(rule=rule)
    run_redrives()

    assert outcomes(redrive) == ["inserted"]
    assert str(the_proposal().price) == "12.00"
    assert (counts(PRODUCTS_JOB), status_of(PRODUCTS_JOB)) == ({"inserted": 1}, "finished")


def test_gzip_and_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "BATCH_LINES", 3)
    a_product()
    content = gzip.compress(jsonl(proposal_line(f"TOTE-{number}") for number in range(8)))
    ingested(content, "results.jsonl.gz", products_job())
    assert counts(PRODUCTS_JOB) == {"inserted": 8}
    assert the_proposal("TOTE-1").base is not None


def test_text_that_copy_has_to_escape() -> None:
    a_product(name="Back\\slash", description="tab\there")
    brought(proposal_line(name="A\\b", description="line\none\ttwo \\N"))
    row = the_proposal()
    assert (row.name, row.description) == ("A\\b", "line\none\ttwo \\N")
    assert row.base is not None
    assert (row.base["name"], row.base["description"]) == ("Back\\slash", "tab\there")


def test_a_job_with_rows_is_not_fresh() -> None:
    brought(proposal_line())
    assert taken_in(jsonl([proposal_line("B")]), "two.jsonl", products_job()).fresh is False
    assert of_job(Job.objects.get().pk).read == 1

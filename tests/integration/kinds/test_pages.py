"""The pages of proposals and counts: what they show, what they let people do, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from batches.models import Acceptance, CountedStock, Job, ProductProposal
from batches.proposals.work import work_acceptances
from catalog.models import Product
from tests.builders import ingested, jsonl, run_all
from tests.integration.pages import BUDGET, MARKS, page, pages, signed_in, text_of
from tests.kinds import (
    a_category,
    a_location,
    a_product,
    count_line,
    counts_job,
    placed,
    products_job,
    proposal_line,
    the_count,
    the_proposal,
)

pytestmark = MARKS
MAY = ("view_productproposal", "decide_productproposal", "change_product", "add_product", "view_acceptance")


@pytest.fixture
def rows() -> ProductProposal:
    a_product()
    a_category()
    lines = [proposal_line(), proposal_line("NEW-1", category=..., confidence=0.4)]
    ingested(jsonl(lines), job=products_job())
    return the_proposal()


def found(client: Client, model: str = "productproposal", **query: str) -> int:
    count: int = client.get(pages(model), query).context["cl"].result_count
    return count


def decide(client: Client, row: ProductProposal, **how: Any) -> Any:
    product = Product.objects.filter(sku=row.sku).first()
    form = {"content": row.content, "version": product.version if product else "", **how}
    return client.post(reverse("admin:batches_productproposal_decide", args=[row.pk]), form, follow=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2), ({"q": "tote-1"}, 1), ({"q": "nothing"}, 0), ({"state__exact": "waiting"}, 2), ({"category": "bags"}, 1),
     ({"state__exact": "decided"}, 0), ({"sure": "0.5"}, 1), ({"sure": "x"}, 0), ({"job": "products-1"}, 2),
     ({"job": "nobodys"}, 0), ({"written": "updated"}, 0)],
)  # fmt: skip
def test_search_and_filters(admin_client: Client, rows: Any, query: dict[str, str], count: int) -> None:
    assert found(admin_client, **query) == count


def test_lists_keep_their_budget(
    admin_client: Client, rows: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ingested(jsonl(proposal_line(f"T-{number}") for number in range(60)), "two.jsonl", products_job())
    a_location()
    ingested(jsonl([count_line()]), job=counts_job())
    placed()
    for model in ("productproposal", "countedstock", "acceptance"):
        admin_client.get(pages(model))
        with django_assert_max_num_queries(BUDGET):
            assert admin_client.get(pages(model)).status_code == 200


def test_the_page_shows_field_by_field(admin_client: Client, rows: ProductProposal) -> None:
    shown = text_of(admin_client.get(page("productproposal", rows.pk)))
    for told in (
        "Linen tote",
        "1280.00",
        "1000.00",
        "0.97",
        'name="accept" value="price"',
        'name="reject" value="all"',
    ):
        assert told in shown
    unknown = text_of(admin_client.get(page("productproposal", the_proposal("NEW-1").pk)))
    assert "is not in the catalogue" in unknown
    assert 'name="accept" value="name"' not in unknown  # alone it would make nothing
    assert 'name="accept" value="all"' in unknown


def test_buttons_are_the_verbs(rows: ProductProposal) -> None:
    client = signed_in(*MAY)
    assert "Accepted: price." in text_of(decide(client, rows, accept="price"))
    assert "Rejected: name." in text_of(decide(client, rows, reject="name"))
    assert "Accepted: description and category." in text_of(decide(client, rows, accept="all"))
    assert the_proposal().state == "decided"
    shown = text_of(client.get(page("productproposal", rows.pk)))
    assert "by operator" in shown
    assert 'name="accept"' not in shown


def test_a_changed_product_is_shown_and_written_over_only_knowingly(rows: ProductProposal) -> None:
    client = signed_in(*MAY)
    Product.objects.update(name="By hand", version=2)
    shown = text_of(client.get(page("productproposal", rows.pk)))
    assert "The product was changed since the proposal came" in shown
    assert 'name="accept" value="name"' not in shown
    assert 'name="over" value="name"' in shown
    decide(client, rows, accept="all")
    assert Product.objects.get(sku="TOTE-1").name == "By hand"
    decide(client, rows, over="name")
    assert Product.objects.get(sku="TOTE-1").name == "Linen tote"


def test_a_draft_is_made_of_an_unknown_sku(rows: ProductProposal) -> None:
    client = signed_in(*MAY)
    shown = decide(client, the_proposal("NEW-1"), accept="all")
    assert "A draft product was made" in text_of(shown)
    assert Product.objects.get(sku="NEW-1").status == "draft"


@pytest.mark.parametrize("form", [{}, {"accept": "sku"}, {"accept": "name", "content": "x"}, {"reject": ""}])
def test_forms_that_make_no_sense_are_told(rows: ProductProposal, form: dict[str, str]) -> None:
    response = decide(signed_in(*MAY), rows, **form)
    assert response.status_code == 200
    assert the_proposal().state == "waiting"
    assert any(told in text_of(response) for told in ("load the page again", "nothing left to decide"))


def test_a_get_changes_nothing(rows: ProductProposal) -> None:
    address = reverse("admin:batches_productproposal_decide", args=[rows.pk])
    assert signed_in(*MAY).get(address, {"accept": "all"}).status_code == 405


def test_viewers_neither_see_nor_reach_the_verbs(rows: ProductProposal) -> None:
    client = signed_in("view_productproposal")
    shown = text_of(client.get(page("productproposal", rows.pk)))
    assert 'name="accept"' not in shown
    assert 'name="reject"' not in shown
    assert decide(client, rows, accept="all").status_code == 403
    assert client.get(reverse("admin:batches_productproposal_accept_many")).status_code == 403
    assert "Accept by confidence" not in text_of(client.get(pages("productproposal")))
    assert the_proposal().state == "waiting"


def test_many_are_shown_then_accepted(rows: ProductProposal) -> None:
    client = signed_in(*MAY)
    address = reverse("admin:batches_productproposal_accept_many")
    assert client.get(address, {"job": "products-1"}).status_code == 200
    chosen = {"fields": ["price"], "threshold": "0.9", "job": "products-1", "category": ""}
    shown = text_of(client.get(address, chosen))
    assert "1 proposal" in shown
    assert "<del>1000.00</del> → <ins>1280.00</ins>" in shown
    assert not Acceptance.objects.exists()

    assert client.post(address, {**chosen, "intent_id": "i"}).status_code == 422  # no reason
    confirmed = {**chosen, "reason": "Looked at.", "intent_id": uuid4().hex}
    first = client.post(address, confirmed)
    assert first.status_code == 302
    assert client.post(address, confirmed).headers["Location"] == first.headers["Location"]
    work_acceptances()
    result = text_of(client.get(first.headers["Location"]))
    assert "Done." in result
    assert "TOTE-1" in result
    assert str(Product.objects.get(sku="TOTE-1").price) == "1280.00"


@pytest.mark.parametrize("wrong", [{"threshold": "7"}, {"fields": []}, {"fields": ["sku"]}])
def test_choices_that_make_no_sense_are_told(rows: ProductProposal, wrong: dict[str, Any]) -> None:
    address = reverse("admin:batches_productproposal_accept_many")
    chosen = {"fields": ["price"], "threshold": "0.9", **wrong}
    shown = text_of(signed_in(*MAY).get(address, chosen))
    assert "ns-error" in shown
    assert "Accept price" not in shown


def test_job_page_leads_to_proposals(admin_client: Client, rows: ProductProposal) -> None:
    shown = text_of(admin_client.get(page("job", rows.job_id)))
    assert "Products of user-1" in shown
    assert "/batches/productproposal/?job=products-1&amp;state__exact=waiting" in shown
    assert "/batches/productproposal/?job=products-1&amp;written=inserted" in shown
    assert "Accept by confidence" in shown


def test_job_page_leads_to_the_stocktake(admin_client: Client) -> None:
    a_product()
    a_location()
    ingested(jsonl([count_line(), count_line("NEW-1")]), job=counts_job())
    job = Job.objects.get()
    assert "Not in a stocktake yet" in text_of(admin_client.get(page("job", job.pk)))
    placed()
    shown = text_of(admin_client.get(page("job", job.pk)))
    assert "Stocktake" in shown
    assert "unknown_sku" in shown
    count = the_count()
    shown = text_of(admin_client.get(page("countedstock", count.pk)))
    assert "Stock changes when that is posted" in shown
    assert all(reverse(f"admin:batches_countedstock_{view}", args=[count.pk]) in shown for view in ("line", "preview"))


def test_counts_are_found_by_sku(admin_client: Client) -> None:
    a_product()
    a_product("CUP-1")
    a_location()
    ingested(jsonl([count_line(), count_line("CUP-1")]), job=counts_job())
    assert found(admin_client, "countedstock", q="cup-1") == 1
    assert found(admin_client, "countedstock", q=the_count().pk) == 1
    assert found(admin_client, "countedstock", placed="waiting") == 2
    placed()
    assert found(admin_client, "countedstock", placed="waiting") == 0
    assert found(admin_client, "countedstock", placed="problem") == 0


def test_counts_are_placed_again_by_those_who_may(admin_client: Client) -> None:
    a_product()
    a_location()
    ingested(jsonl([count_line()]), job=counts_job())
    placed()
    CountedStock.objects.update(problem="It was gone.")
    form = {"action": "place_again", "_selected_action": [the_count().pk]}
    signed_in("view_countedstock").post(pages("countedstock"), form)
    assert the_count().problem
    assert "1 wait again" in text_of(admin_client.post(pages("countedstock"), form, follow=True))
    assert placed() == 1


def test_letters_speak_of_their_kind(admin_client: Client, rows: ProductProposal) -> None:
    ingested(jsonl([proposal_line("BAD-1", price=-1)]), "bad.jsonl", products_job())
    letter = rows.job.letters.get()
    shown = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert "Other letters about this SKU" in shown
    assert "<dt>Proposal</dt>" in shown


def test_the_line_behind_a_row(admin_client: Client, rows: ProductProposal) -> None:
    address = reverse("admin:batches_productproposal_line", args=[rows.pk])
    preview = reverse("admin:batches_productproposal_preview", args=[rows.pk])
    shown = text_of(admin_client.get(page("productproposal", rows.pk)))
    assert f'href="{address}"' in shown
    assert f'hx-get="{preview}"' in shown
    response: Any = admin_client.get(address)
    assert b"".join(response.streaming_content) == proposal_line()
    assert admin_client.get(page("productproposal", "nonsense")).status_code == 404
    assert admin_client.get(page("countedstock", "ff" * 12)).status_code == 404


@pytest.mark.parametrize(("kind", "content"), [("products", proposal_line()), ("stock_counts", count_line())])
def test_upload_says_the_kind(admin_client: Client, kind: str, content: bytes) -> None:
    a_product()
    a_location()
    data = {"file": SimpleUploadedFile("r.jsonl", content), "kind": kind, "user_id": "u", "job_id": "night"}
    assert admin_client.post(reverse("admin:batches_upload"), data).status_code == 302
    run_all()
    assert (Job.objects.get().kind, Job.objects.get().status) == (kind, "finished")
    offered = text_of(admin_client.get(reverse("admin:batches_upload"), {"job": "night"}))
    assert f'value="{kind}" selected' in offered

"""Problems: listed by impact, explained, and acted on by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from batches.letters.discard import discard
from batches.letters.filters import LetterFilter
from batches.letters.group_status import resolve_group
from batches.letters.roll_up import roll_up
from batches.models import DeadLetter, LetterGroup, PatchRule, Transaction
from monitoring.models import AuditEntry
from tests.builders import a_job, image, ingested, jsonl, line
from tests.integration.pages import BUDGET, HOME_BUDGET, MARKS, mixed_job, page, pages, signed_in, text_of
from tests.redrives import SWAP, a_rule, an_operator, dead_letters, run_redrives, started

pytestmark = MARKS
LIST = "lettergroup"
VIEWS = ("view_lettergroup", "view_deadletter", "view_redrive")


def the_group() -> LetterGroup:
    return LetterGroup.objects.get(code="invalid_date")


def rule_address() -> str:
    return reverse("admin:batches_lettergroup_rule", args=[the_group().pk])


def swap(**more: str) -> dict[str, str]:
    return {"op-0": "swap_date", "field-0": "date", "from-0": "DD/MM/YYYY", "reason": "Days come first now.", **more}


def found(client: Client, query: str = "") -> list[str]:
    return [each.group.code for each in client.get(f"{pages(LIST)}?{query}").context["problems"]]


def test_the_greatest_impact_comes_first(admin_client: Client) -> None:
    many = [line(image(at), date="20/11/2026", amount=10) for at in range(5)]
    costly = [line(image(at), category="food", amount=90_000) for at in range(10, 12)]
    ingested(jsonl(many + costly))

    assert found(admin_client) == ["unknown_category", "invalid_date"]
    assert found(admin_client, "sort=count") == ["invalid_date", "unknown_category"]
    assert found(admin_client, "q=DATE") == ["invalid_date"]
    assert found(admin_client, "status=muted") == []
    html = text_of(admin_client.get(pages(LIST)))
    assert "180,000" in html
    assert "5 new in the last 24 hours" in html


def test_a_problem_that_returns_is_marked(admin_client: Client) -> None:
    dead_letters(2)
    roll_up()
    resolve_group(the_group().pk, actor=an_operator(), reason="The model was put right.")
    assert found(admin_client) == []
    assert found(admin_client, "status=resolved") == ["invalid_date"]

    ingested(jsonl([line(image(77), date="21/11/2026")]), "later.jsonl", a_job())
    roll_up()

    assert "came back" in text_of(admin_client.get(pages(LIST)))
    html = text_of(admin_client.get(page(LIST, the_group().pk)))
    assert "This problem came back." in html
    assert "The model was put right." in html


@pytest.mark.parametrize("address", ["list", "page", "rule", "new", "letter", "home", "edit"])
def test_pages_keep_their_budget(
    admin_client: Client, address: str, django_assert_max_num_queries: Callable[..., Any], small_chunks: None
) -> None:
    for number in range(4):
        mixed_job(job_id=f"job-{number}", intent_id=f"intent-{number}")
    letter = dead_letters(8)[-1]
    started(LetterFilter(ids=str(letter.pk - 1)), rule=a_rule([{"op": "remove", "field": "description"}]))
    run_redrives()
    a_rule()
    new = reverse("admin:batches_redrive_new")
    url = {
        "list": pages(LIST),
        "page": page(LIST, letter.group_id),
        "rule": reverse("admin:batches_lettergroup_rule", args=[letter.group_id]),
        "new": f"{new}?group={letter.group_id}&status=open",
        "letter": page("deadletter", letter.pk),
        "home": "/admin/",
        "edit": reverse("admin:batches_deadletter_edit", args=[letter.pk]),
    }[address]
    admin_client.get(url)
    with django_assert_max_num_queries(HOME_BUDGET if address == "home" else BUDGET):
        assert admin_client.get(url).status_code == 200


def test_a_rule_is_tried_before_it_is_kept(admin_client: Client) -> None:
    dead_letters(3)

    response = admin_client.post(rule_address(), swap(step="preview"))

    html = text_of(response)
    assert [each.shown.outcome for each in response.context["tries"]] == ["inserted"] * 3
    assert "<del>20/11/2026</del>" in html
    assert "<ins>2026-11-20</ins>" in html
    assert not PatchRule.objects.exists()
    assert not Transaction.objects.exists()


def test_a_rule_is_kept_with_a_reason_and_leads_to_its_redrive(admin_client: Client) -> None:
    dead_letters(3)
    assert admin_client.post(rule_address(), swap(step="save", reason=" ")).status_code == 422
    assert not PatchRule.objects.exists()

    response = admin_client.post(rule_address(), swap(step="save"))

    rule = PatchRule.objects.get()
    assert (rule.version, rule.operations, rule.why) == (1, SWAP, "Days come first now.")
    assert f"rule={rule.pk}" in response["Location"]
    assert "Swap date order" in text_of(admin_client.get(page(LIST, the_group().pk)))


def test_operations_are_added_and_removed_without_scripts(admin_client: Client) -> None:
    dead_letters(1)

    both = admin_client.post(rule_address(), swap(step="add", kind="map"))
    assert [each.op for each in both.context["operations"]] == ["swap_date", "map"]
    table = {"op-1": "map", "field-1": "category", "values-1": "food = purchase\n\nfee=other"}
    one = admin_client.post(rule_address(), swap(step="remove-0", **table))
    assert [each.op for each in one.context["operations"]] == ["map"]
    assert one.context["operations"][0].inputs[1].value == "food = purchase\nfee = other"


def test_what_is_no_rule_is_said(admin_client: Client) -> None:
    dead_letters(1)
    response = admin_client.post(rule_address(), swap(step="preview", **{"from-0": "DD/DD/YYYY"}))
    assert response.status_code == 422
    assert "Operation 1: `from` must say where day, month and year stand" in text_of(response)


@pytest.mark.parametrize(("verb", "status"), [("resolve", "resolved"), ("mute", "muted")])
def test_a_problem_is_resolved_and_muted_for_a_reason(admin_client: Client, verb: str, status: str) -> None:
    dead_letters(1)
    address = reverse(f"admin:batches_lettergroup_{verb}", args=[the_group().pk])
    assert "Kept in the history" in text_of(admin_client.get(address))
    assert admin_client.post(address, {"reason": ""}).status_code == 422
    assert the_group().status == "open"

    admin_client.post(address, {"reason": "Known."})
    assert the_group().status == status
    admin_client.post(reverse("admin:batches_lettergroup_reopen", args=[the_group().pk]), {"reason": "Again."})
    assert the_group().status == "open"


def test_a_viewer_sees_no_buttons() -> None:
    letter = dead_letters(2)[0]
    viewer = signed_in(*VIEWS)
    for url in (page(LIST, the_group().pk), page("deadletter", letter.pk), pages("deadletter")):
        html = text_of(viewer.get(url))
        for word in ("/redrive/new/", "/discard/", "/rule/", "/resolve/", "/edit/", 'value="redrive"'):
            assert word not in html, (url, word)


@pytest.mark.parametrize("view", ["rule", "resolve", "mute", "reopen", "new", "discard", "restore", "edit", "cancel",
                                  "pause", "resume"])  # fmt: skip
def test_a_forged_form_is_refused_and_audited(view: str) -> None:
    letter = dead_letters(2)[0]
    redrive = started(LetterFilter(ids=str(letter.pk + 1)))
    AuditEntry.objects.all().delete()
    url = {
        "new": reverse("admin:batches_redrive_new"),
        "edit": reverse("admin:batches_deadletter_edit", args=[letter.pk]),
        **{verb: reverse(f"admin:batches_lettergroup_{verb}", args=[the_group().pk])
           for verb in ("rule", "resolve", "mute", "reopen")},
        **{verb: reverse(f"admin:batches_deadletter_{verb}") for verb in ("discard", "restore")},
        **{verb: reverse(f"admin:batches_redrive_{verb}", args=[redrive.pk]) for verb in ("cancel", "pause", "resume")},
    }[view]  # fmt: skip
    form = swap(step="save", ids=str(letter.pk), seen="1", intent_id="x", up_to="99", text="{}")
    before = list(DeadLetter.objects.values()), list(LetterGroup.objects.values_list("status"))

    assert signed_in(*VIEWS).post(url, form).status_code == 403

    entry = AuditEntry.objects.get()
    assert (entry.allowed, entry.actor.username if entry.actor else "") == (False, "operator")
    assert before == (list(DeadLetter.objects.values()), list(LetterGroup.objects.values_list("status")))
    assert not PatchRule.objects.exists()


def test_the_audit_log_is_listed_and_explained(admin_client: Client) -> None:
    letter = dead_letters(1)[0]
    discard(LetterFilter(ids=str(letter.pk)), actor=an_operator(), reason="No receipt.")
    for query, number in (("actor=hanako", 1), ("actor=nobody", 0), ("action=discard", 1), ("allowed=no", 0),
                          (f"subject=letter {letter.pk}", 1), ("subject=group", 0)):  # fmt: skip
        response = admin_client.get(f"{reverse('admin:monitoring_auditentry_changelist')}?{query}")
        assert response.context["cl"].result_count == number, query
    entry = AuditEntry.objects.get()
    html = text_of(admin_client.get(reverse("admin:monitoring_auditentry_change", args=[entry.pk])))
    assert "No receipt." in html
    assert page("deadletter", letter.pk) in html

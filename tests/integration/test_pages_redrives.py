"""Redrives from the admin: shown first, confirmed once, followed, steered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from batches.letters.filters import LetterFilter
from batches.models import DeadLetter, Redrive, RedriveItem, Transaction
from tests.builders import image, ingested, jsonl, line, path_of, the_letter
from tests.integration.pages import BUDGET, MARKS, page, pages, text_of
from tests.redrives import a_rule, an_operator, dead_letters, run_redrives, started, statuses, wrong_dates

pytestmark = MARKS
NEW = "/admin/batches/redrive/new/"


def form_of(client: Client, query: str, **more: Any) -> dict[str, Any]:
    """What a browser would send: the page's own hidden fields, and what the person fills in."""
    context = client.get(f"{NEW}?{query}").context
    shown = {name: context["form"][name].value() or "" for name in ("intent_id", "up_to", "rule", "rate")}
    return {**shown, **context["chosen"], "reason": "The model was told again.", "step": "start", **more}


def test_the_page_says_what_is_taken_and_what_is_left_out(admin_client: Client) -> None:
    letters = dead_letters(5)
    started(LetterFilter(ids=str(letters[0].pk)))
    admin_client.post("/admin/batches/deadletter/discard/", {"ids": letters[1].pk, "reason": "No.", "seen": 1})

    counted = admin_client.get(f"{NEW}?group={letters[0].group_id}").context["counted"]

    assert (counted.taken, counted.closed, counted.in_hand) == (3, 1, 1)


def test_the_dry_run_is_fetched_and_shown_without_scripts_too(admin_client: Client) -> None:
    letters = dead_letters(3)
    rule = a_rule()
    query = f"group={letters[0].group_id}&status=open"
    fetched = admin_client.get(f"{reverse('admin:batches_redrive_try')}?{query}&rule={rule.pk}")
    pressed = admin_client.post(NEW, form_of(admin_client, query, step="try"))
    for response in (fetched, pressed):
        assert "All 3 were tried" in text_of(response)
        assert "New row" in text_of(response)
    assert not Redrive.objects.exists()
    assert not Transaction.objects.exists()


def test_a_dry_run_says_that_storage_lost_the_file(admin_client: Client) -> None:
    letters = dead_letters(1)
    assert letters[0].file
    path_of(letters[0].file).unlink()
    html = text_of(admin_client.get(f"{reverse('admin:batches_redrive_try')}?ids={letters[0].pk}"))
    assert "Cannot be read" in html
    assert "was deleted from storage" in html


def test_confirmed_twice_it_is_one_redrive(admin_client: Client, admin_user: User) -> None:
    letters = dead_letters(3)
    rule = a_rule()
    form = form_of(admin_client, f"group={letters[0].group_id}&status=open", rate="600", ramp="on")
    ingested(wrong_dates([90]), "later.jsonl")

    first, second = (admin_client.post(NEW, form) for _ in range(2))

    redrive = Redrive.objects.get()
    assert first["Location"] == second["Location"] == page("redrive", redrive.pk)
    assert (redrive.total, redrive.rate, redrive.ramp, redrive.rule_id) == (3, 600, True, rule.pk)
    assert (redrive.reason, redrive.created_by) == ("The model was told again.", admin_user)


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"rate": "0"}, {"rate": "fast"}, {"rule": "999"}])
def test_a_wrong_form_comes_back_with_what_was_filled_in(admin_client: Client, wrong: dict[str, str]) -> None:
    letters = dead_letters(1)
    response = admin_client.post(NEW, form_of(admin_client, f"ids={letters[0].pk}", **wrong))
    assert response.status_code == 422
    assert 'class="ns-error"' in text_of(response)
    assert not Redrive.objects.exists()


def test_nothing_to_take_is_said(admin_client: Client) -> None:
    letters = dead_letters(1)
    form = form_of(admin_client, f"ids={letters[0].pk}")
    started()
    response = admin_client.post(NEW, form)
    assert "another redrive is at work on them" in text_of(response)


def test_a_filter_that_is_none_is_said(admin_client: Client) -> None:
    response = admin_client.get(f"{NEW}?status=lost", follow=True)
    assert "`status` is &#x27;lost&#x27;" in text_of(response)


def test_the_page_tells_what_became_of_each_letter(
    admin_client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ingested(wrong_dates(range(3)) + wrong_dates([3], "2026/20/11"))
    redrive = started(rule=a_rule(group=str(DeadLetter.objects.earliest("pk").group_id)))
    run_redrives()
    child = DeadLetter.objects.get(parent__isnull=False)
    admin_client.get(page("redrive", redrive.pk))

    with django_assert_max_num_queries(BUDGET):
        html = text_of(admin_client.get(page("redrive", redrive.pk)))

    assert "1 of 4 failed again." in html
    assert f"It is letter {child.pk} now" in html
    right = text_of(admin_client.get(f"{page('redrive', redrive.pk)}?status=put_right"))
    assert page("transaction", Transaction.objects.all()[0].pk) in right
    parent = text_of(admin_client.get(page("deadletter", child.parent_id)))
    assert page("deadletter", child.pk) in parent
    told = text_of(admin_client.get(page("deadletter", child.pk)))
    assert page("deadletter", child.parent_id) in told
    assert f"Failed again (letter {child.parent_id})" in told

    again = admin_client.get(f"{NEW}?redrive={redrive.pk}&status=open").context["counted"]
    assert again.taken == 1


def test_steered_by_its_buttons(admin_client: Client) -> None:
    dead_letters(2)
    redrive = started()

    def press(verb: str, **form: str) -> str:
        admin_client.post(reverse(f"admin:batches_redrive_{verb}", args=[redrive.pk]), form)
        redrive.refresh_from_db()
        return redrive.status

    assert press("pause") == "paused"
    assert "Paused." in text_of(admin_client.get(page("redrive", redrive.pk)))
    assert press("resume") == "running"
    assert press("cancel", reason="") == "running"
    assert press("cancel", reason="A mistake.") == "cancelled"
    assert statuses(redrive) == {"cancelled": 2}
    assert press("resume") == "cancelled"


def test_a_running_redrive_is_followed_and_a_finished_one_is_not(admin_client: Client) -> None:
    dead_letters(2)
    redrive = started()
    live = reverse("admin:batches_redrive_live", args=[redrive.pk])
    assert f'hx-get="{live}' in text_of(admin_client.get(live))
    run_redrives()
    assert "hx-get" not in text_of(admin_client.get(live))


def test_a_redrive_that_stopped_says_why(admin_client: Client) -> None:
    dead_letters(3)
    redrive = started(ramp=True)
    run_redrives()
    html = text_of(admin_client.get(page("redrive", redrive.pk)))
    assert "It stopped by itself." in html
    assert "for the reason they had before" in html


def test_the_list_is_within_budget(admin_client: Client, django_assert_max_num_queries: Callable[..., Any]) -> None:
    letters = dead_letters(12)
    for letter in letters:
        started(LetterFilter(ids=str(letter.pk)))
    admin_client.get(pages("redrive"))
    with django_assert_max_num_queries(BUDGET):
        assert "0 of 1" in text_of(admin_client.get(pages("redrive")))


def test_chosen_letters_and_all_that_match_are_redriven_and_discarded(admin_client: Client) -> None:
    letters = dead_letters(3)
    ids = [letter.pk for letter in letters[:2]]
    for action, where in (("redrive", NEW), ("discard", "/admin/batches/deadletter/discard/")):
        response = admin_client.post(pages("deadletter"), {"action": action, "_selected_action": ids})
        assert response["Location"] == f"{where}?ids={ids[0]},{ids[1]}"
    html = text_of(admin_client.get(f"{pages('deadletter')}?field=date&status__exact=open"))
    assert f"{NEW}?status=open&amp;field=date" in html
    assert RedriveItem.objects.count() == 0


def test_discarded_and_had_back(admin_client: Client) -> None:
    letter = dead_letters(1)[0]
    form = {"ids": letter.pk, "reason": "No receipt.", "seen": 1}

    admin_client.post("/admin/batches/deadletter/discard/", form)
    html = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert "No receipt." in html
    assert "Undo the discarding" in html
    admin_client.post("/admin/batches/deadletter/restore/", form | {"reason": "It is one after all."})

    letter.refresh_from_db()
    assert letter.status == "open"
    assert "It is one after all." in text_of(admin_client.get(page("deadletter", letter.pk)))


def test_letters_that_came_meanwhile_are_not_discarded_unseen(admin_client: Client) -> None:
    letters = dead_letters(1)
    form = {"group": letters[0].group_id, "reason": "No.", "seen": 1}
    ingested(wrong_dates([50]), "later.jsonl")

    response = admin_client.post("/admin/batches/deadletter/discard/", form)

    assert "There are 2 of them now, not 1" in text_of(response)
    assert DeadLetter.objects.filter(status="open").count() == 2


def test_one_answer_is_corrected_tried_and_redriven(admin_client: Client) -> None:
    ingested(jsonl([line(image(1), date="the 20th")]))
    letter = the_letter()
    address = reverse("admin:batches_deadletter_edit", args=[letter.pk])
    form = admin_client.get(address).context["form"]
    assert '"date": "the 20th"' in form["text"].value()
    text = form["text"].value().replace("the 20th", "2026-11-20")
    sent = {"text": text, "intent_id": form["intent_id"].value(), "reason": "Read from the image."}

    tried = admin_client.post(address, {**sent, "step": "try"})
    assert [each.shown.outcome for each in tried.context["tries"]] == ["inserted"]
    assert not Transaction.objects.exists()

    admin_client.post(address, {**sent, "step": "start"})
    run_redrives()
    assert str(Transaction.objects.get().date) == "2026-11-20"
    assert "Put right" in text_of(admin_client.get(page("deadletter", letter.pk)))
    assert admin_client.get(address).status_code == 302


def test_a_letters_page_shows_the_same_image_elsewhere(admin_client: Client) -> None:
    from tests.builders import a_job

    ingested(wrong_dates([1]), job=a_job("one"))
    ingested(wrong_dates([1], "21/11/2026"), job=a_job("two"))
    first, second = DeadLetter.objects.order_by("pk")
    html = text_of(admin_client.get(page("deadletter", first.pk)))
    assert page("deadletter", second.pk) in html
    assert "two · " in html


def test_operators_name_is_on_the_redrive(admin_client: Client) -> None:
    dead_letters(1)
    redrive = started(actor=an_operator("mika"))
    assert "mika" in text_of(admin_client.get(page("redrive", redrive.pk)))

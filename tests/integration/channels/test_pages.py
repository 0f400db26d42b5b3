"""Channels, deliveries and notices in the admin: who may do what, and that no secret is ever shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from monitoring.channels.hand_out import hand_out
from monitoring.channels.signing import secret_of
from monitoring.history.change import Change
from monitoring.models import AuditEntry, Channel, Delivery, Notice
from tests.channels import a_channel, a_notice, deliveries
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of

pytestmark = MARKS
SECRET = "T000/B000/very-secret-token"
URL = f"https://hooks.slack.com/services/{SECRET}"
ALL = (
    "view_channel",
    "add_channel",
    "change_channel",
    "delete_channel",
    "view_delivery",
    "retry_delivery",
    "view_notice",
)


def at(name: str, *args: object) -> str:
    return reverse(f"admin:monitoring_{name}", args=args)


def added(client: Client, **more: str) -> Any:
    return client.post(
        at("channel_add"),
        {"name": "Team", "kind": "slack", "address": URL, "topics": "low stock, alarm", "enabled": "on", **more},
    )


def failed(**more: Any) -> Delivery:
    channel = a_channel(**more)
    a_notice()
    hand_out()
    Delivery.objects.filter(channel=channel).update(status="given_up", attempts=8, last_error="The answer was 500")
    Notice.objects.update(state="failed")
    return Delivery.objects.get(channel=channel)


def test_a_channel_is_added_and_its_address_is_nowhere_to_be_seen() -> None:
    client = signed_in(*ALL, "view_auditentry")
    assert added(client).status_code == 302
    channel = Channel.objects.get()
    assert (channel.address, channel.topics, channel.shown_as) == (
        URL,
        ["low stock", "alarm"],
        "https://hooks.slack.com/…oken",
    )

    client.post(at("channel_change", channel.pk), {"name": "The team", "address": "", "topics": "", "enabled": "on"})
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.topics) == ("The team", URL, [])
    client.post(at("channel_change", channel.pk), {"name": "The team", "address": f"{URL}2", "enabled": "on"})
    channel.refresh_from_db()
    assert channel.address == f"{URL}2"

    for page in (at("channel_changelist"), at("channel_change", channel.pk), at("channel_history", channel.pk)):
        shown = text_of(client.get(page))
        assert "very-secret" not in shown
        assert "The team" in shown
    for written in (*AuditEntry.objects.values(), *Change.objects.values()):
        assert "very-secret" not in str(written)
        assert channel.salt not in str(written)
    assert AuditEntry.objects.filter(subject="channel").count() == 3
    assert Change.objects.filter(pgh_model="monitoring.channel").count() == 3


def test_whoever_may_only_look_sees_no_address_either() -> None:
    channel = a_channel(URL, kind="slack", shown_as="https://hooks.slack.com/…oken")
    viewer = signed_in("view_channel", "view_notice", "view_delivery")
    text = text_of(viewer.get(at("channel_change", channel.pk)))

    assert "hooks.slack.com/…oken" in text
    assert "very-secret" not in text
    assert "Send a test" not in text
    for name in ("channel_test", "channel_secret", "channel_again"):
        assert viewer.post(at(name, channel.pk), {"reason": "x"}).status_code == 403
    delivery = failed()
    for name in ("delivery_retry", "delivery_leave"):
        assert viewer.post(at(name, delivery.pk), {"reason": "x"}).status_code == 403
    assert deliveries() == {"given_up": 1, "waiting": 1}
    stranger = signed_in(name="stranger")
    for name in ("channel_changelist", "delivery_changelist"):
        assert stranger.get(at(name)).status_code == 403


@pytest.mark.parametrize(
    ("kind", "address", "complaint"),
    [
        ("slack", "", "Say where it is to go."),
        ("slack", "hooks.slack.com/x", "That is not an address such as"),
        ("webhook", "https://me:pw@example.com/", "name or password"),
        ("sns", "arn:aws:sqs:eu-west-1:123456789012:x", "That is not the ARN of a topic"),
        ("email", "desk@shop.example, nonsense", "“nonsense” is not an e-mail address."),
        ("email", "\n".join(f"p{number}@shop.example" for number in range(51)), "at most 50"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_with_a_sentence(kind: str, address: str, complaint: str) -> None:
    response = added(signed_in(*ALL), kind=kind, address=address)
    assert response.status_code == 200
    assert complaint in text_of(response)
    assert not Channel.objects.exists()


def test_a_new_secret_is_shown_once() -> None:
    channel = a_channel()
    client, before = signed_in(*ALL), secret_of(channel)
    assert before not in text_of(client.get(at("channel_secret", channel.pk)))
    shown = client.post(at("channel_secret", channel.pk))
    channel.refresh_from_db()

    assert secret_of(channel) != before
    assert secret_of(channel) in text_of(shown)
    assert "no-store" in shown["Cache-Control"]
    assert secret_of(channel) not in text_of(client.get(at("channel_change", channel.pk)))
    assert AuditEntry.objects.get(action="renew secret").subject_id == str(channel.pk)


def test_a_test_is_asked_for_and_its_notice_says_what_became_of_it() -> None:
    channel, client = a_channel(), signed_in(*ALL)
    assert client.get(at("channel_test", channel.pk)).status_code == 405
    asked = client.post(at("channel_test", channel.pk))
    text = text_of(client.get(asked["Location"]))

    assert Notice.objects.get().topic == "test"
    assert "its turn comes within seconds" in text
    assert client.post(at("channel_test", 999)).status_code == 404


def test_a_notice_says_where_it_went_and_a_person_decides() -> None:
    delivery, client = failed(name="Night desk"), signed_in(*ALL)
    notice = at("notice_change", delivery.notice_id)
    text = text_of(client.get(notice))
    assert "Night desk" in text
    assert "The answer was 500" in text
    assert at("delivery_retry", delivery.pk) in text

    assert client.post(at("delivery_retry", delivery.pk), {"reason": ""}).status_code == 422
    assert client.post(at("delivery_retry", delivery.pk), {"reason": "it is back"})["Location"] == notice
    assert deliveries() == {"waiting": 1}
    Delivery.objects.update(status="unsure")
    assert "may be told twice" in text_of(client.get(at("delivery_retry", delivery.pk)))
    client.post(at("delivery_leave", delivery.pk), {"reason": "too late"})
    assert deliveries() == {"dropped": 1}


def test_all_that_a_channel_was_not_sent_is_tried_again_at_once() -> None:
    delivery, client = failed(), signed_in(*ALL)
    client.post(at("channel_again", delivery.channel_id), {"reason": "it is back"})
    assert deliveries() == {"waiting": 1}
    assert AuditEntry.objects.get(action="retry").reason == "it is back"


def test_the_home_page_says_that_somebody_was_not_told() -> None:
    failed()
    assert "1 notice was not sent" in text_of(signed_in(*ALL).get(reverse("admin:index")))
    assert "was not sent" not in text_of(signed_in("view_notice", name="other").get(reverse("admin:index")))


def test_a_notice_that_no_channel_takes_says_so() -> None:
    notice = a_notice(topic="alarm")
    client = signed_in(*ALL)
    assert "hands it out within seconds" in text_of(client.get(at("notice_change", notice.pk)))
    hand_out()
    text = text_of(client.get(at("notice_change", notice.pk)))
    assert "No channel took “alarm”" in text
    assert at("channel_add") in text


@pytest.mark.parametrize(
    ("query", "seen"),
    [({}, True), ({"state": "unsure"}, False), ({"state": "all"}, True), ({"state": "x", "channel": "x"}, True)],
)
def test_failed_deliveries_are_listed_first(query: dict[str, str], seen: bool) -> None:
    delivery = failed()
    page = signed_in(*ALL).get(at("delivery_changelist"), query)
    assert (f">{delivery.notice.subject}<" in text_of(page)) is seen


def test_a_channel_that_sent_something_is_switched_off_and_not_deleted() -> None:
    delivery, client = failed(), signed_in(*ALL)
    assert client.post(at("channel_delete", delivery.channel_id), {"post": "yes"}).status_code == 403
    other = a_channel()
    assert client.post(at("channel_delete", other.pk), {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.get(action="delete").details["name"] == other.name


@pytest.mark.parametrize("name", ["channel_changelist", "delivery_changelist", "notice_changelist"])
def test_lists_stay_within_their_queries(settings: Settings, name: str) -> None:
    for _ in range(8):
        failed()
    client = signed_in(*ALL)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(at(name)).status_code == 200
    assert len(queries) <= BUDGET

"""What leaves by Slack, SNS and e-mail, and what their refusals mean."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from email import message_from_string
from email.header import decode_header, make_header
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from monitoring.channels import email, slack, sns
from monitoring.channels.hand_out import hand_out
from monitoring.channels.message import Message, message_of
from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.channels.send import send_next
from monitoring.models import Delivery
from tests.channels import a_channel, a_notice, deliveries
from tests.integration.channels.servers import receiving, taking_mail
from tests.ports import free_port

pytestmark = pytest.mark.django_db
REGION = "ap-northeast-1"


@pytest.fixture(autouse=True)
def _outside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = "127.0.0.1", False, ""
    settings.DEFAULT_FROM_EMAIL = "nightshelf@shop.example"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def a_message(**more: Any) -> Message:
    channel = a_channel()
    return message_of(Delivery(notice=a_notice(**more), channel=channel))


def only() -> Delivery:
    return Delivery.objects.get()


def test_slack_is_sent_blocks_in_which_nothing_from_rows_is_a_mark(settings: Settings) -> None:
    settings.SITE_ADDRESS = "https://nightshelf.example"
    with receiving() as receiver:
        channel = a_channel(receiver.url, kind="slack")
        a_notice(subject="<!channel> & co", body="See <https://evil.example|this> & <@U1>")
        hand_out()
        send_next(channel.pk)
    told = json.loads(receiver.got[0].body)

    assert deliveries() == {"sent": 1}
    assert told["text"] == "&lt;!channel&gt; &amp; co"
    header, section, context = told["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "<!channel> & co", "emoji": False}
    assert section["text"]["text"] == "See &lt;https://evil.example|this&gt; &amp; &lt;@U1&gt;"
    assert (
        "<https://nightshelf.example/admin/inventory/lowstock/7/change/|Open the page>"
        in context["elements"][0]["text"]
    )


def test_slacks_limits_are_kept() -> None:
    told = slack.content(a_message(subject="s" * 200, body="<" * 5000))
    assert len(told["blocks"][0]["text"]["text"]) == 150
    assert len(told["blocks"][1]["text"]["text"]) <= 3000


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("TEA-1 at GINZA: 3 left", "TEA-1 at GINZA: 3 left"),
        ("two\nlines\tof it", "two lines of it"),
        ("桜の湯呑み: 3 left", "Nightshelf: low stock"),
        ("x" * 150, "x" * 97 + "..."),
        ("bell\x07", "Nightshelf: low stock"),
    ],
)
def test_a_subject_is_what_sns_takes(subject: str, expected: str) -> None:
    assert sns.subject(a_message(subject=subject)) == expected


def test_sns_takes_it(settings: Settings, aws: str) -> None:
    settings.NOTIFY_SNS_ENDPOINT_URL = aws
    topics = boto3.client("sns", region_name=REGION, endpoint_url=aws)
    queues = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    arn = topics.create_topic(Name="alarms")["TopicArn"]
    queue = queues.create_queue(QueueName="listener")["QueueUrl"]
    topics.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:listener")
    channel = a_channel(arn, kind="sns")
    a_notice(subject="桜の湯呑み: 3 left")
    hand_out()
    send_next(channel.pk)

    (heard,) = queues.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(heard["Body"])
    assert told["Subject"] == "Nightshelf: low stock"
    assert told["Message"].startswith("桜の湯呑み: 3 left\n\nTwo left.")
    assert only().response_id == told["MessageId"]


def test_a_topic_that_does_not_exist_is_given_up_with_snss_own_words(settings: Settings, aws: str) -> None:
    settings.NOTIFY_SNS_ENDPOINT_URL = aws
    channel = a_channel(f"arn:aws:sns:{REGION}:123456789012:nowhere", kind="sns")
    a_notice()
    hand_out()
    send_next(channel.pk)
    assert (only().status, "NotFound" in only().last_error) == ("given_up", True)


def test_sns_that_is_away_is_tried_again_and_one_that_falls_silent_is_not(settings: Settings) -> None:
    channel = a_channel(f"arn:aws:sns:{REGION}:123456789012:alarms", kind="sns")
    settings.NOTIFY_SNS_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotTaken) as away:
        sns.send(channel, a_message())
    assert away.value.retryable

    def hang_up(handler: Any) -> int:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return 0

    with receiving(hang_up) as receiver:
        settings.NOTIFY_SNS_ENDPOINT_URL = receiver.url
        with pytest.raises(Unsure):
            sns.send(channel, a_message())
    assert len(receiver.got) == 1


def test_a_mail_goes_to_all_recipients(settings: Settings) -> None:
    with taking_mail() as sink:
        settings.EMAIL_PORT = sink.port
        channel = a_channel("desk@shop.example\nnight@shop.example", kind="email")
        a_notice(subject="桜の湯呑み:\r\nBcc: x@y.example", body="Two left.")
        hand_out()
        send_next(channel.pk)
    mail = message_from_string(sink.mails[0])

    assert deliveries() == {"sent": 1}
    assert mail["To"] == "desk@shop.example, night@shop.example"
    assert mail["Bcc"] is None
    assert str(make_header(decode_header(mail["Subject"]))) == "桜の湯呑み: Bcc: x@y.example"
    assert "Open /admin/inventory/lowstock/7/change/" in str(mail.get_payload())
    assert mail["Message-ID"] == only().response_id


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ({"RCPT": b"550 no such user"}, "given_up"),
        ({"RCPT": b"450 try later"}, "waiting"),
        ({"MAIL": b"554 not you"}, "given_up"),
        ({"DATA": b"451 busy"}, "waiting"),
        ({"END": b"554 spam"}, "given_up"),
        ({"END": None}, "unsure"),
        ({"QUIT": None}, "sent"),
    ],
)
def test_what_a_mail_server_says_is_what_is_written_down(
    settings: Settings, says: dict[str, bytes | None], status: str
) -> None:
    with taking_mail(says) as sink:
        settings.EMAIL_PORT = sink.port
        channel = a_channel("desk@shop.example", kind="email")
        a_notice()
        hand_out()
        send_next(channel.pk)
    assert deliveries() == {status: 1}


def test_a_mail_server_that_is_away_is_tried_again(settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()
    with pytest.raises(NotTaken) as away:
        email.send(a_channel("desk@shop.example", kind="email"), a_message())
    assert away.value.retryable

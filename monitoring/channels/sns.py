"""Amazon SNS. One attempt a call: what a second one would do is decided here, not by the library."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from django.conf import settings

from monitoring.channels.arn import ARN
from monitoring.channels.message import Message
from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.models import Channel

MOST_SUBJECT = 100
MOST_BYTES = 240_000  # of 262,144, attributes included
LIMITS = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})


def send(channel: Channel, message: Message) -> str:
    found = ARN.fullmatch(channel.address)
    if found is None:
        raise NotTaken("The address is not the ARN of an SNS topic.", retryable=False)
    try:
        client = boto3.client(
            "sns", region_name=found["region"], endpoint_url=settings.NOTIFY_SNS_ENDPOINT_URL or None, config=LIMITS
        )
        return str(client.publish(**content(channel.address, message))["MessageId"])
    except ClientError as fault:
        raise NotTaken(_told(fault), retryable=_passes(fault)) from None
    except (EndpointConnectionError, ConnectTimeoutError) as fault:
        raise NotTaken(f"SNS could not be reached: {fault}") from None
    except (ReadTimeoutError, ConnectionClosedError, HTTPClientError) as fault:
        raise Unsure(f"SNS did not answer: {fault}") from None
    except Exception as fault:  # no credentials, no region: nothing was sent
        raise NotTaken(f"SNS could not be asked: {fault}") from None


def content(arn: str, message: Message) -> dict[str, Any]:
    said = f"{message.subject}\n\n{message.text}".encode()[:MOST_BYTES].decode("utf-8", "ignore")
    attributes = {"topic": message.topic, "key": message.key}
    told: dict[str, Any] = {
        "TopicArn": arn,
        "Subject": subject(message),
        "Message": said,
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
    if arn.endswith(".fifo"):
        told |= {"MessageGroupId": "nightshelf", "MessageDeduplicationId": _identity(message.key)}
    return told


def subject(message: Message) -> str:
    """ASCII, one line, at most 100 characters, as SNS demands. Other letters are not replaced by question marks: such a
    subject only says what kind of thing it is, and the message begins with the real one.
    """
    line = " ".join(message.subject.split())
    if not line or not line.isascii() or not line.isprintable():
        line = f"Nightshelf: {message.topic}" if message.topic.isascii() else "Nightshelf"
    return line if len(line) <= MOST_SUBJECT else f"{line[: MOST_SUBJECT - 3]}..."


def _identity(key: str) -> str:
    return json.dumps(key)[1:-1][-128:]


def _told(fault: ClientError) -> str:
    error = fault.response.get("Error", {})
    return f"SNS refused it: {error.get('Code', '')} {error.get('Message', '')}".strip()[:300]


def _passes(fault: ClientError) -> bool:
    status = int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    return status >= 500 or status == 429 or "Throttl" in fault.response.get("Error", {}).get("Code", "")

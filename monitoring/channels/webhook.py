"""A webhook: JSON, signed. The receiver tells a repetition by `Idempotency-Key`."""

from __future__ import annotations

import json
import time

from monitoring.channels.answered import taken
from monitoring.channels.message import Message
from monitoring.channels.safe_request import safe_request
from monitoring.channels.signing import signed_headers
from monitoring.models import Channel


def send(channel: Channel, message: Message) -> str:
    body = json.dumps(content(message), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        **signed_headers(channel, message.key, body, int(time.time())),
    }
    answer = taken(safe_request(channel.address, body=body, headers=headers))
    return answer.headers.get("x-request-id", "")


def content(message: Message) -> dict[str, str]:
    return {
        "type": f"notice.{message.topic.replace(' ', '_')}",
        "timestamp": message.written_at.isoformat(),
        "topic": message.topic,
        "subject": message.subject,
        "body": message.body,
        "url": message.url or message.path,
        "trace_id": message.trace_id,
    }

"""Slack's incoming webhooks. What came from rows is escaped, so that a product's name cannot call a whole channel."""

from __future__ import annotations

import json
from typing import Any

from monitoring.channels.answered import taken
from monitoring.channels.message import Message
from monitoring.channels.safe_request import safe_request
from monitoring.models import Channel

MOST_HEADING, MOST_SECTION = 150, 3000  # Slack's own limits


def send(channel: Channel, message: Message) -> str:
    body = json.dumps(content(message), ensure_ascii=False).encode()
    taken(safe_request(channel.address, body=body, headers={"Content-Type": "application/json; charset=utf-8"}))
    return ""  # it answers "ok"


def content(message: Message) -> dict[str, Any]:
    """Blocks for people, `text` for their telephones' lists. The heading is plain text, in which nothing is a mark."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(message.subject, MOST_HEADING), "emoji": False}}
    ]
    if message.body.strip():
        blocks.append(
            {"type": "section", "text": {"type": "mrkdwn", "text": _cut(escaped(message.body), MOST_SECTION)}}
        )
    where = f"<{message.url}|Open the page>" if message.url else escaped(message.path)
    told = " · ".join(part for part in (escaped(message.topic), where) if part)
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": told}]})
    return {"text": escaped(message.subject), "blocks": blocks}


def escaped(text: str) -> str:
    """The three letters that Slack asks for: without `<` there is no link, no mention and no `<!channel>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

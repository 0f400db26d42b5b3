"""A notice as it leaves the house: the same words for every kind of channel."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urljoin

from django.conf import settings

from monitoring.models import Delivery


class Message(NamedTuple):
    """`key`: of this notice at this channel, the same at each try; `url`: '' where the site's address is not set."""

    key: str
    topic: str
    subject: str
    body: str
    url: str
    path: str
    written_at: datetime
    trace_id: str

    @property
    def text(self) -> str:
        """The body and where to look, in plain text."""
        where = f"Open {self.url or self.path}" if self.path else ""
        return "\n\n".join(part for part in (self.body.strip(), where) if part)


def message_of(delivery: Delivery) -> Message:
    notice = delivery.notice
    return Message(
        key=f"{quote(notice.key, safe='/:-_.')}:{delivery.channel_id}",
        topic=notice.topic,
        subject=notice.subject,
        body=notice.body,
        url=address_of(notice.link),
        path=notice.link,
        written_at=notice.created_at,
        trace_id=notice.trace_id,
    )


def address_of(path: str) -> str:
    return urljoin(f"{settings.SITE_ADDRESS}/", path) if settings.SITE_ADDRESS and path else ""

"""Links to a transfer's files: signed, for a while, answered by the site itself to whoever may see products."""

from __future__ import annotations

from django.conf import settings
from django.core import signing

SALT = "nightshelf.transfer-file"
EXPORT, REFUSED = "export", "refused"


class LinkOver(Exception):
    """Its time is over, or it was never made here."""


def token_of(transfer_id: int, what: str) -> str:
    return signing.dumps([transfer_id, what], salt=SALT)


def linked(token: str) -> tuple[int, str]:
    """The transfer's number, and which of its files; LinkOver."""
    try:
        transfer_id, what = signing.loads(token, salt=SALT, max_age=settings.TRANSFER_LINK_SECONDS)
    except signing.BadSignature:
        raise LinkOver("This link is over: open the transfer's page for a new one.") from None
    return int(transfer_id), str(what)

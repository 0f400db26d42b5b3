"""The signature of a webhook, by the rules of Standard Webhooks (standardwebhooks.com), for which libraries exist.

The secret is stored nowhere. It is derived from the channel's salt and SECRET_KEY, so a copy of the database does not
hold it; a new salt is a new secret, and so is a new SECRET_KEY.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256

from django.utils.crypto import salted_hmac

from monitoring.models import Channel

PREFIX = "whsec_"


def secret_of(channel: Channel) -> str:
    """As it is shown to whoever sets up the receiving side."""
    return PREFIX + b64encode(_key(channel)).decode()


def signed_headers(channel: Channel, key: str, body: bytes, at: int) -> dict[str, str]:
    """`at`: seconds since 1970. The receiver refuses what is older than some minutes, so nothing can be played back."""
    signature = hmac.new(_key(channel), f"{key}.{at}.".encode() + body, sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }


def _key(channel: Channel) -> bytes:
    return salted_hmac("nightshelf.channel.signing", channel.salt, algorithm="sha256").digest()

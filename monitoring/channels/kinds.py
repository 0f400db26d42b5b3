"""The kinds of channels: what their address has to be, and what of it may be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from monitoring.channels.arn import ARN
from monitoring.channels.email import recipients
from monitoring.channels.outcome import NotTaken
from monitoring.channels.safe_request import checked_url
from monitoring.models.channel import ChannelKind

MOST_RECIPIENTS = 50


class Kind(NamedTuple):
    """`check` raises ValidationError with a sentence; `secret`: the address is a password in itself."""

    check: Callable[[str], None]
    shown: Callable[[str], str]
    secret: bool


def _check_url(address: str) -> None:
    try:
        checked_url(address)
    except NotTaken as fault:
        raise ValidationError(str(fault)) from None


def _check_arn(address: str) -> None:
    if not ARN.fullmatch(address):
        raise ValidationError("That is not the ARN of a topic, such as arn:aws:sns:ap-northeast-1:123456789012:alarms.")


def _check_recipients(address: str) -> None:
    found = recipients(address)
    if len(found) > MOST_RECIPIENTS:
        raise ValidationError(f"These are {len(found)} recipients: at most {MOST_RECIPIENTS}. Use a mailing list.")
    for one in found:
        try:
            validate_email(one)
        except ValidationError:
            raise ValidationError(f"“{one}” is not an e-mail address.") from None


def _shown_url(address: str) -> str:
    """Scheme and host, and the last four characters, by which two are told apart."""
    parts = urlsplit(address)
    rest = address.partition("://")[2][len(parts.netloc) :]
    return f"{parts.scheme}://{parts.netloc}/…{rest[-4:] if len(rest) > 12 else ''}"[:200]


def _shown_recipients(address: str) -> str:
    first, *others = recipients(address)
    return f"{first}{f' and {len(others)} more' if others else ''}"[:200]


KINDS: dict[str, Kind] = {
    ChannelKind.EMAIL: Kind(_check_recipients, _shown_recipients, secret=False),
    ChannelKind.SLACK: Kind(_check_url, _shown_url, secret=True),
    ChannelKind.SNS: Kind(_check_arn, lambda address: address[:200], secret=False),
    ChannelKind.WEBHOOK: Kind(_check_url, _shown_url, secret=True),
}

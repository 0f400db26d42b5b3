"""E-mail, by the mail server of the settings: plain text, one message to all recipients of the channel."""

from __future__ import annotations

from contextlib import suppress
from email.utils import parseaddr
from hashlib import sha256
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from monitoring.channels.message import Message
from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.models import Channel


def send(channel: Channel, message: Message) -> str:
    """Nothing has left before the connection is open; after that only a refusal of the server is a plain no."""
    identity = message_id(message.key)
    try:
        connection = get_connection()
        connection.open()
    except (OSError, SMTPException) as fault:
        raise NotTaken(f"The mail server could not be reached: {_told(fault)}") from None
    try:
        mail = EmailMessage(
            subject=" ".join(message.subject.split()),
            body=message.text or message.subject,
            to=recipients(channel.address),
            headers={"Message-ID": identity, "Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        mail.send()
    except SMTPRecipientsRefused as fault:
        codes = [code for code, _ in fault.recipients.values()]
        raise NotTaken("The mail server refused all recipients.", retryable=all(code < 500 for code in codes)) from None
    except SMTPResponseException as fault:
        raise NotTaken(f"The mail server refused it: {_told(fault)}", retryable=fault.smtp_code < 500) from None
    except (OSError, SMTPException) as fault:
        raise Unsure(f"The mail server broke off: {_told(fault)}") from None
    finally:
        with suppress(OSError, SMTPException):  # it has been taken, or not, by now
            connection.close()
    return identity


def recipients(address: str) -> list[str]:
    return [one for one in (line.strip() for line in address.replace(",", "\n").splitlines()) if one]


def message_id(key: str) -> str:
    """The same at each try: a mail server or a reader can tell a repetition."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{host}>"


def _told(fault: Exception) -> str:
    if isinstance(fault, SMTPResponseException):
        said = fault.smtp_error
        return f"{fault.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"[:300]
    return (str(fault) or type(fault).__name__)[:300]

"""Kind `receipts`: what the model read on a photographed receipt becomes a `Transaction` (Y3, Y4, Y7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b

from django.conf import settings
from django.utils import timezone

from batches.formats.receipt import Receipt, parse_receipt
from batches.identity import receipt_digest
from batches.kinds.kind import Kind, Owner, Row, Source
from batches.models import Transaction

COLUMNS = (
    "id", "job_id", "chunk_id", "line", "content", "image_id", "user_id", "trace_id", "expires_on",
    "amount", "type", "date", "category", "extracted_at", "merchant", "description",
)  # fmt: skip
GUEST_PREFIXES = ("device-", "ephemeral-")
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def expires_on(user_id: str, today: date) -> date:
    """Guests' rows are kept 60 days, accounts' a year (Y7), in days of the business's time zone (Y8)."""
    days = settings.GUEST_DAYS if user_id.startswith(GUEST_PREFIXES) else settings.ACCOUNT_DAYS
    return today + timedelta(days=days)


def receipt_rows(source: Source, records: Iterable[tuple[int, Receipt]], owners: dict[str, Owner]) -> Iterator[Row]:
    """Rows of receipts, as lines for COPY in the order of COLUMNS.

    The text is put together by hand, in one loop: psycopg's adaptation of sixteen values a row took longer than
    decoding the row did.
    """
    today = timezone.localdate()
    job = f"{source.job_pk}\t{source.chunk_id}"
    nobody = Owner(source.user_id, "")
    expiry = {source.user_id: expires_on(source.user_id, today).isoformat()}
    for line, record in records:
        digest = receipt_digest(source.job_id, record.image_id)
        user_id, trace_id = owners.get(record.image_id, nobody)
        expires = expiry.get(user_id) or expiry.setdefault(user_id, expires_on(user_id, today).isoformat())
        content = (
            f"{record.amount}\t{record.type}\t{record.date}\t{record.category}\t{record.extracted_at or NULL}"
            f"\t{_escaped(record.merchant)}\t{_escaped(record.description)}"
        )
        number = int.from_bytes(blake2b(content.encode(), digest_size=8).digest(), "big", signed=True)
        yield Row(
            digest[:12],
            line,
            number,
            record.image_id,
            f"\\\\x{digest[:12].hex()}\t{job}\t{line}\t{number}\t{_escaped(record.image_id)}\t{_escaped(user_id)}"
            f"\t\\\\x{trace_id or digest[:16].hex()}\t{expires}\t{content}\n",
        )


def receipt_difference(transaction_id: str, record: Receipt) -> str:
    """What a line says against what is stored and reviewed: `amount: 1280.00 is stored, the line says 1380`."""
    stored = Transaction.objects.select_related("reviewed_by").get(pk=transaction_id)
    names = ("amount", "type", "date", "merchant", "category", "description")
    told = [(name, str(getattr(stored, name)), str(getattr(record, name))) for name in names]
    parts = [
        f"{name}: {ours!r} is stored, the line says {theirs!r}"
        for name, ours, theirs in told
        if ours != theirs and not (name == "amount" and stored.amount == Decimal(theirs))
    ]
    return (
        f"The transaction was {stored.review} by {stored.reviewed_by or 'a person'}, so it was kept. "
        + "; ".join(parts)
        + "."
    )


def _escaped(text: str) -> str:
    """Text for COPY. Nearly none needs escaping, and the look is cheaper than the translation."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


RECEIPTS = Kind(
    name="receipts",
    decode=parse_receipt,
    record=Receipt,
    model=Transaction,
    columns=COLUMNS,
    rows=receipt_rows,
    difference=receipt_difference,
)

"""Kind `receipts`: what the model read on a photographed receipt becomes a `Transaction` (Y3, Y4, Y7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from xxhash import xxh3_64_intdigest

from batches.formats.readable_amount import readable_amount
from batches.formats.receipt import Receipt, parse_receipt
from batches.identity import receipt_digests
from batches.kinds.kind import Kind, Owner, Row, Source
from batches.models import Transaction

BODY_COLUMNS = ("amount", "type", "date", "category", "extracted_at", "merchant", "description")
COLUMNS = (
    "id", "job_id", "chunk_id", "line", "content", "image_id", "user_id", "trace_id", "expires_on", *BODY_COLUMNS,
)  # fmt: skip
GUEST_PREFIXES = ("device-", "ephemeral-")
NULL = "\\N"
# PostgreSQL's bigint has a sign, the hash has none.
SIGNED = 1 << 63
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def expires_on(user_id: str, today: date) -> date:
    """Guests' rows are kept 60 days, accounts' a year (Y7), in days of the business's time zone (Y8)."""
    days = settings.GUEST_DAYS if user_id.startswith(GUEST_PREFIXES) else settings.ACCOUNT_DAYS
    return today + timedelta(days=days)


def receipt_rows(source: Source, records: Iterable[tuple[int, Receipt]], owners: Mapping[str, Owner]) -> Iterator[Row]:
    """Rows of receipts. One loop, and text put together by hand: psycopg's adaptation of sixteen values a row took
    longer than decoding the row did.
    """
    digest_of, today = receipt_digests(source.job_id), timezone.localdate()
    nobody = Owner(source.user_id, "")
    expiry: dict[str, str] = {}
    for line, record in records:
        image_id = record.image_id
        digest = digest_of(image_id)
        user_id, trace_id = owners.get(image_id, nobody)
        expires = expiry.get(user_id) or expiry.setdefault(user_id, expires_on(user_id, today).isoformat())
        body = (
            f"{record.amount}\t{record.type}\t{record.date}\t{record.category}\t{record.extracted_at or NULL}"
            f"\t{_escaped(record.merchant)}\t{_escaped(record.description)}"
        )
        content = xxh3_64_intdigest(body.encode()) - SIGNED
        yield Row(digest[:12], line, content, image_id, user_id, trace_id or digest[:16].hex(), expires, body)


def receipt_lines(source: Source, rows: Iterable[Row]) -> Iterator[str]:
    """The rows' lines for COPY, in the order of COLUMNS."""
    origin = f"{source.job_pk}\t{source.chunk_id}"
    for row in rows:
        yield (
            f"\\\\x{row.id.hex()}\t{origin}\t{row.line}\t{row.content}\t{_escaped(row.image_id)}"
            f"\t{_escaped(row.user_id)}\t\\\\x{row.trace_id}\t{row.expires_on}\t{row.body}\n"
        )


def receipt_difference(row: Row) -> str:
    """What a line says against what is stored and reviewed: `amount: 1280.00 is stored, the line says 1380.00`."""
    stored = Transaction.objects.select_related("reviewed_by").get(pk=row.id.hex())
    said = dict(zip(BODY_COLUMNS, map(_unescaped, row.body.split("\t")), strict=True))
    parts = [
        f"{name}: {ours!r} is stored, the line says {said[name]!r}"
        for name in BODY_COLUMNS
        if (ours := _as_said(getattr(stored, name))) != said[name]
    ]
    who = stored.reviewed_by or "a person"
    return f"The transaction was {stored.review} by {who}, so it was kept. {'; '.join(parts)}."


def _as_said(value: object) -> str:
    """A stored value as `parse_receipt` writes it."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z" if isinstance(value, datetime) else str(value)


def _escaped(text: str) -> str:
    """Text for COPY. Nearly none needs escaping, and the look is cheaper than the translation."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _unescaped(text: str) -> str:
    if text == NULL:
        return str(None)
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text)


RECEIPTS = Kind(
    name="receipts",
    decode=parse_receipt,
    model=Transaction,
    columns=COLUMNS,
    rows=receipt_rows,
    lines=receipt_lines,
    difference=receipt_difference,
    amount=readable_amount,
    amount_of_row=lambda row: row.body.partition("\t")[0],
)

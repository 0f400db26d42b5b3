"""Kind `receipts`: what the model read on a photographed receipt becomes a `Transaction` (Y3, Y4, Y7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from xxhash import xxh3_64_intdigest

from batches.formats.readable_amount import readable_amount
from batches.formats.receipt import Receipt, parse_receipt
from batches.identity import receipt_digests
from batches.kinds.copy_text import NULL, escaped, unescaped
from batches.kinds.kind import Kind, Owner, Row, Source
from batches.models import Transaction
from batches.pipeline.by_key import rows_by_key

BODY_COLUMNS = ("amount", "type", "date", "category", "extracted_at", "merchant", "description")
COLUMNS = (
    "id", "job_id", "chunk_id", "line", "content", "image_id", "user_id", "trace_id", "expires_on", *BODY_COLUMNS,
)  # fmt: skip
GUEST_PREFIXES = ("device-", "ephemeral-")
OWNERS = "SELECT image_id, user_id, trace_id FROM batches_imageupload WHERE image_id = ANY(%b)"
# PostgreSQL's bigint has a sign, the hash has none.
SIGNED = 1 << 63


def expires_on(user_id: str, today: date) -> date:
    """Guests' rows are kept 60 days, accounts' a year (Y7), in days of the business's time zone (Y8)."""
    days = settings.GUEST_DAYS if user_id.startswith(GUEST_PREFIXES) else settings.ACCOUNT_DAYS
    return today + timedelta(days=days)


def receipt_owners(records: Sequence[Receipt], further: Iterable[str]) -> dict[str, Owner]:
    """Whose the images are; `further` are those of lines that are no receipt."""
    found = rows_by_key(OWNERS, [record.image_id for record in records] + [*further])
    return {image_id: Owner(user_id, trace_id.hex()) for image_id, user_id, trace_id in found}


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
            f"\t{escaped(record.merchant)}\t{escaped(record.description)}"
        )
        content = xxh3_64_intdigest(body.encode()) - SIGNED
        yield Row(digest[:12], line, content, image_id, user_id, trace_id or digest[:16].hex(), expires, body)


def receipt_lines(source: Source, rows: Iterable[Row]) -> Iterator[str]:
    """The rows' lines for COPY, in the order of COLUMNS."""
    origin = f"{source.job_pk}\t{source.chunk_id}"
    for row in rows:
        yield (
            f"\\\\x{row.id.hex()}\t{origin}\t{row.line}\t{row.content}\t{escaped(row.record_id)}"
            f"\t{escaped(row.user_id)}\t\\\\x{row.trace_id}\t{row.aside}\t{row.body}\n"
        )


def receipt_difference(row: Row) -> str:
    """What a line says against what is stored and reviewed: `amount: 1280.00 is stored, the line says 1380.00`."""
    stored = Transaction.objects.select_related("reviewed_by").get(pk=row.id.hex())
    said = dict(zip(BODY_COLUMNS, map(unescaped, row.body.split("\t")), strict=True))
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


RECEIPTS = Kind(
    name="receipts",
    row_is="transaction",
    rows_are="transactions",
    record_is="image",
    decode=parse_receipt,
    model=Transaction,
    columns=COLUMNS,
    rows=receipt_rows,
    lines=receipt_lines,
    difference=receipt_difference,
    undecided="t.review = 'unreviewed'",
    owners=receipt_owners,
    amount=readable_amount,
    amount_of_row=lambda row: row.body.partition("\t")[0],
)

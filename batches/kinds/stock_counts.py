"""Kind `stock_counts`: what was counted becomes a `CountedStock`, and from there a line of a stocktake.

A SKU or a location that nobody has registered makes the line dead, for a reason of its own: its letter can be redriven
once the product is there, edited where the SKU was misread, or patched by a rule with all others of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xxhash import xxh3_64_intdigest

from batches.counts.wake import wake_counters
from batches.formats.rejection import Code, Rejected, Rejection, shown
from batches.formats.stock_count import StockCount, parse_count
from batches.identity import receipt_digests
from batches.kinds.copy_text import escaped, escaped_or_null, unescaped
from batches.kinds.kind import Kind, Owner, Row, Source
from batches.models import CountedStock
from batches.pipeline.by_key import rows_by_key

BODY_COLUMNS = ("sku", "location", "quantity", "confidence", "note")
COLUMNS = ("id", "job_id", "chunk_id", "line", "content", "record_id", "user_id", "trace_id", *BODY_COLUMNS)
SIGNED = 1 << 63
SKUS = "SELECT upper(sku) FROM catalog_product WHERE upper(sku) = ANY(%b)"
LOCATIONS = "SELECT upper(code) FROM inventory_location WHERE upper(code) = ANY(%b) AND is_active"
# A count that a person has taken up in the stocktake (or that was posted, or given up there) is theirs.
UNDECIDED = """
    NOT EXISTS (
        SELECT FROM inventory_stocktakeline AS line
        JOIN inventory_stocktake AS stocktake ON stocktake.id = line.stocktake_id
        WHERE line.id = t.stocktake_line_id
            AND (stocktake.status <> 'open' OR line.verified OR line.counted_by_id IS NOT NULL)
    )"""


def unknown_counts(records: Sequence[StockCount]) -> dict[int, Rejection]:
    """Those whose SKU or location nobody has registered."""
    skus = {sku for (sku,) in rows_by_key(SKUS, sorted({record.sku.upper() for record in records}))}
    locations = {code for (code,) in rows_by_key(LOCATIONS, sorted({record.location.upper() for record in records}))}
    return {
        at: _unknown(record, known_location=record.location.upper() in locations)
        for at, record in enumerate(records)
        if record.sku.upper() not in skus or record.location.upper() not in locations
    }


def count_rows(source: Source, records: Iterable[tuple[int, StockCount]], _: Mapping[str, Owner]) -> Iterator[Row]:
    digest_of = receipt_digests(source.job_id)
    for line, record in records:
        # In capitals, as SKUs and codes are told apart: written otherwise, it is the same count.
        digest = digest_of(f"{record.location.upper()}#{record.sku.upper()}")
        body = (
            f"{escaped(record.sku)}\t{escaped(record.location)}\t{record.quantity}"
            f"\t{escaped_or_null(record.confidence)}\t{escaped(record.note)}"
        )
        content = xxh3_64_intdigest(body.encode()) - SIGNED
        yield Row(digest[:12], line, content, record.record_id, source.user_id, digest[:16].hex(), "", body)


def count_lines(source: Source, rows: Iterable[Row]) -> Iterator[str]:
    """The rows' lines for COPY, in the order of COLUMNS."""
    origin = f"{source.job_pk}\t{source.chunk_id}"
    for row in rows:
        yield (
            f"\\\\x{row.id.hex()}\t{origin}\t{row.line}\t{row.content}\t{escaped(row.record_id)}"
            f"\t{escaped(row.user_id)}\t\\\\x{row.trace_id}\t{row.body}\n"
        )


def count_difference(row: Row) -> str:
    """What a line says against a count that a person has taken up."""
    stored = CountedStock.objects.select_related("stocktake_line__stocktake", "stocktake_line__counted_by").get(
        pk=row.id.hex()
    )
    said = dict(zip(BODY_COLUMNS, map(unescaped, row.body.split("\t")), strict=True))
    parts = [
        f"{name}: {ours!r} is stored, the line says {said[name]!r}"
        for name in BODY_COLUMNS
        if (ours := str(getattr(stored, name))) != said[name]
    ]
    taken = stored.stocktake_line
    state = f"is {taken.stocktake.status}" if taken and taken.stocktake.status != "open" else "has the line in hand"
    where = f"Stocktake {taken.stocktake_id} {state}" if taken else "A person has taken it up"
    return f"{where}, so the count was kept. {'; '.join(parts)}. Correct it in a stocktake by hand."


def _unknown(record: StockCount, *, known_location: bool) -> Rejection:
    if not known_location:
        message = f"The location {shown(record.location)} is not in use here: add it or correct its code, then redrive."
        why = Rejected(Code.UNKNOWN_LOCATION, message, field="location", part=record.location)
    else:
        message = f"The SKU {shown(record.sku)} is not in the catalogue: add it or correct the SKU, then redrive."
        why = Rejected(Code.UNKNOWN_SKU, message, field="sku", part=record.sku)
    return why.rejection(record.record_id)


STOCK_COUNTS = Kind(
    name="stock_counts",
    row_is="count",
    rows_are="counts",
    record_is="record",
    decode=parse_count,
    model=CountedStock,
    columns=COLUMNS,
    rows=count_rows,
    lines=count_lines,
    difference=count_difference,
    undecided=UNDECIDED,
    id_of_record=False,
    refuse=unknown_counts,
    read=wake_counters,
)

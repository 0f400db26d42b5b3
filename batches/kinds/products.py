"""Kind `products`: what a model proposes for a SKU becomes a `ProductProposal`. The catalogue itself is not touched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xxhash import xxh3_64_intdigest

from batches.formats.product_answer import FIELDS, ProposedProduct, parse_product
from batches.identity import receipt_digests
from batches.kinds.copy_text import NULL, escaped, escaped_or_null, unescaped
from batches.kinds.kind import Kind, Owner, Row, Source
from batches.models import ProductProposal
from batches.pipeline.by_key import rows_by_key
from batches.states import FieldStatus

BODY_COLUMNS = (*FIELDS, *(f"{field}_confidence" for field in FIELDS), "confidence")
COLUMNS = ("id", "job_id", "chunk_id", "line", "content", "user_id", "trace_id", "sku", "base", *BODY_COLUMNS)
SIGNED = 1 << 63
# What the products say now. By the index that tells SKUs apart, and so in capitals.
PRODUCTS = """
    SELECT upper(product.sku), product.name, product.description, coalesce(category.slug, ''), product.price::text
    FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
    WHERE upper(product.sku) = ANY(%b)"""


def proposal_rows(
    source: Source, records: Iterable[tuple[int, ProposedProduct]], _: Mapping[str, Owner]
) -> Iterator[Row]:
    """Rows of proposals, each with what its product says at this moment."""
    digest_of, found = receipt_digests(source.job_id), list(records)
    products = _products({record.sku.upper() for _, record in found})
    for line, record in found:
        digest, body = digest_of(record.sku), _body(record)
        content = xxh3_64_intdigest(body.encode()) - SIGNED
        base = products.get(record.sku.upper(), NULL)
        yield Row(digest[:12], line, content, record.sku, source.user_id, digest[:16].hex(), base, body)


def proposal_lines(source: Source, rows: Iterable[Row]) -> Iterator[str]:
    """The rows' lines for COPY, in the order of COLUMNS."""
    origin = f"{source.job_pk}\t{source.chunk_id}"
    for row in rows:
        yield (
            f"\\\\x{row.id.hex()}\t{origin}\t{row.line}\t{row.content}\t{escaped(row.user_id)}\t\\\\x{row.trace_id}"
            f"\t{escaped(row.record_id)}\t{row.aside}\t{row.body}\n"
        )


def proposal_difference(row: Row) -> str:
    """What a line says against a proposal that was decided about."""
    stored = ProductProposal.objects.select_related(*(f"{field}_by" for field in FIELDS)).get(pk=row.id.hex())
    said = dict(zip(BODY_COLUMNS, map(unescaped, row.body.split("\t")), strict=True))
    parts = [
        f"{name}: {ours!r} is stored, the line says {said[name]!r}"
        for name in BODY_COLUMNS
        if (ours := str(getattr(stored, name))) != said[name]
    ]
    return f"{_decided(stored)}, so the proposal was kept. {'; '.join(parts)}."


def _products(skus: set[str]) -> dict[str, str]:
    """By SKU in capitals, the product's fields as JSON for COPY."""
    rows = rows_by_key(PRODUCTS, sorted(skus)) if skus else []
    return {sku: escaped(json.dumps(dict(zip(FIELDS, values, strict=True)))) for sku, *values in rows}


def _body(record: ProposedProduct) -> str:
    """A field that is not proposed has no confidence either."""
    values: list[str | None] = [record.name, record.description, record.category, record.price]
    sure = [
        confidence if value is not None else None for value, confidence in zip(values, record.confidences, strict=True)
    ]
    # A field of which nothing is known must not pass for one that is known well.
    told = [each for value, each in zip(values, sure, strict=True) if value is not None]
    lowest = min((each for each in told if each is not None), default=None) if None not in told else None
    return "\t".join(map(escaped_or_null, [*values, *sure, lowest]))


def _decided(stored: Any) -> str:
    """Who accepted or rejected what of it."""
    told = [
        f"{field} was {getattr(stored, f'{field}_status')} by {getattr(stored, f'{field}_by') or 'a person'}"
        for field in FIELDS
        if getattr(stored, f"{field}_status") != FieldStatus.WAITING
    ]
    return f"Of the proposal for {stored.sku} {', '.join(told)}"


PRODUCTS_KIND = Kind(
    name="products",
    row_is="proposal",
    rows_are="proposals",
    record_is="SKU",
    decode=parse_product,
    model=ProductProposal,
    columns=COLUMNS,
    rows=proposal_rows,
    lines=proposal_lines,
    difference=proposal_difference,
    undecided="t.state = 'waiting'",
)

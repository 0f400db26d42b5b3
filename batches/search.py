"""What somebody typed into a search box, turned into look-ups that an index answers."""

from __future__ import annotations

from batches.models import ImageUpload, Transaction

HEX = frozenset("0123456789abcdef")
TRACE_CHARS, TRANSACTION_CHARS = 32, 24
MOST = 1000


def hex_id(term: str, length: int) -> str | None:
    """The term as an id of `length` hexadecimal characters, or None when it is none."""
    text = term.lower().replace("-", "")
    return text if len(text) == length and HEX.issuperset(text) else None


def images_of(*, transaction: str | None = None, trace: str | None = None) -> list[str]:
    """The images behind a transaction's or a trace's id.

    A trace was begun by the upload of an image; one that was not is the beginning of `sha256(jobId#imageId)`, and so
    begins with its transaction's id.
    """
    if trace:
        uploads = list(ImageUpload.objects.filter(trace_id=trace).values_list("image_id", flat=True)[:MOST])
        if uploads:
            return uploads
        transaction = trace[:TRANSACTION_CHARS]
    return list(Transaction.objects.filter(pk=transaction).values_list("image_id", flat=True))

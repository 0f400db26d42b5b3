"""One file for each model; importing them registers them."""

from batches.admin import (
    acceptance,
    accounts,
    audit_entry,
    counted_stock,
    dead_letter,
    image_upload,
    job,
    letter_group,
    product_proposal,
    redrive,
    result_file,
    schedules,
    transaction,
)

__all__ = [
    "acceptance",
    "accounts",
    "audit_entry",
    "counted_stock",
    "dead_letter",
    "image_upload",
    "job",
    "letter_group",
    "product_proposal",
    "redrive",
    "result_file",
    "schedules",
    "transaction",
]

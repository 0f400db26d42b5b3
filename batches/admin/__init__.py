"""One file for each model; importing them registers them."""

from batches.admin import (
    accounts,
    audit_entry,
    dead_letter,
    image_upload,
    job,
    letter_group,
    redrive,
    result_file,
    schedules,
    transaction,
)

__all__ = [
    "accounts",
    "audit_entry",
    "dead_letter",
    "image_upload",
    "job",
    "letter_group",
    "redrive",
    "result_file",
    "schedules",
    "transaction",
]

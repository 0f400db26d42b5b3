"""What the database says of a product that somebody else's took the code of, in the moment between check and write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from catalog.products.check import CODES
from catalog.products.refused import Refused

UNIQUE = {
    "product_sku_unique": ("sku", "The SKU {} was taken by another product this moment. Choose another one."),
    "product_barcode_unique": ("barcode", "The barcode {} was given to another product this moment."),
}


@contextmanager
def told_when_taken(values: Mapping[str, Any]) -> Iterator[None]:
    """A savepoint; `Refused` instead of an IntegrityError about a code. Neither where no code is written."""
    if not any(values.get(name) for name in CODES):
        yield
        return
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        diagnosis = getattr(fault.__cause__, "diag", None)
        field, sentence = UNIQUE.get(getattr(diagnosis, "constraint_name", None) or "", ("", ""))
        if not field:
            raise
        raise Refused(fields={field: sentence.format(values.get(field))}) from fault

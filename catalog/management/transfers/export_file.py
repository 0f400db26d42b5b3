"""`products export FILE`: all products, or those that a filter names."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from catalog.management.transfers.shared import (
    COULD_NOT_RUN,
    CannotRun,
    Told,
    add_who,
    data_of,
    person_of,
    worked,
)
from catalog.models import Transfer, TransferStatus
from catalog.products.which import ProductFilter
from catalog.transfers.begin_export import begin_export
from catalog.transfers.writing.file import FORMATS
from pages.figures import things
from storage import result_storage

HELP = "export products into a file: CSV, XLSX or JSON, by its name or --format"
HINTS = {
    "ids": "numbers of products, with commas between",
    "text": "words in name, SKU or barcode",
    "category": "a category's number, with all below it, or none",
    "status": "draft, active or archived",
    "price_from": "for example 1280",
    "price_to": "for example 1280.50",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--format", choices=sorted(FORMATS), help="left out: by the file's name")
    filters = parser.add_argument_group("filters; all that are given must hold")
    for field in fields(ProductFilter):
        filters.add_argument(f"--{field.name.replace('_', '-')}", help=HINTS.get(field.name, "yes or no"))
    add_who(parser)


def run(options: dict[str, Any]) -> Told:
    path = options["file"]
    kind = options["format"] or path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise CannotRun(f"{path} does not say which format it is to have: name one with --format.")
    which = ProductFilter.of({field.name: options[field.name] for field in fields(ProductFilter)})
    transfer = worked(begin_export(which, kind, actor=person_of(options)).pk)
    if transfer.status != TransferStatus.FINISHED:
        return Told(f"Not exported. {transfer.failure}".strip(), data_of(transfer), COULD_NOT_RUN)
    _fetch(transfer, path)
    return Told(f"{things(transfer.done, 'product')} written to {path}.", {**data_of(transfer), "file": str(path)})


def _fetch(transfer: Transfer, path: Path) -> None:
    """Whole, or not at all."""
    storage, partial = result_storage(), path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(storage.blocks(transfer.key, storage.stat(transfer.key).version))
        os.replace(partial, path)
    except OSError as fault:
        raise CannotRun(f"{path} could not be written: {fault.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)

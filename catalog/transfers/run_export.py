"""Products are written into a file: read by one cursor, so as of one moment, and never more than a few in memory."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO

from django.db import transaction
from django.db.models.functions import Now

from catalog.models import Transfer, TransferStatus
from catalog.products.which import BadFilter, ProductFilter, Products
from catalog.transfers.categories import Categories
from catalog.transfers.columns import COLUMNS
from catalog.transfers.lease import Claim, Heart, settle
from catalog.transfers.look_up import Known
from catalog.transfers.refused import BadFile
from catalog.transfers.resource import ProductResource
from catalog.transfers.writing.file import written
from monitoring import telemetry
from storage import result_storage

ROWS = 1_000  # fetched at once


def run_export(claim: Claim, heart: Heart, most: int | None = None) -> bool:
    """False, and nothing done, when there are more products than `most`. Taken up again it begins anew.

    BadFile, StorageFault, LeaseLost.
    """
    transfer = Transfer.objects.get(pk=claim.transfer_id)
    products = _chosen(transfer)
    settle(claim, total=(total := products.count()), done=0)
    if most is not None and total > most:
        return False
    with TemporaryFile(prefix="nightshelf-export-") as file:
        done = _write(products, file, transfer.format, heart)
        heart.check()
        file.seek(0)
        key = f"exports/{transfer.pk}/{claim.lease}/{transfer.name}"
        result_storage().put(key, file)
    settle(
        claim, status=TransferStatus.FINISHED, key=key, total=done, done=done, finished_at=Now(), leased_until=None,
        failure="",
    )  # fmt: skip
    telemetry.event("export_finished", rows=done)
    return True


def _chosen(transfer: Transfer) -> Products:
    try:
        return ProductFilter.of(transfer.filters).products().order_by("pk")
    except BadFilter as wrong:
        raise BadFile(str(wrong)) from None


def _write(products: Products, file: IO[bytes], kind: str, heart: Heart) -> int:
    resource, done = ProductResource(Known({}, {}, Categories())), 0
    with written(file, kind, COLUMNS) as rows, transaction.atomic():
        for product in products.defer("folded", "pairs").iterator(chunk_size=ROWS):
            rows.write(resource.cells_of(product))
            done += 1
            if done % ROWS == 0:
                heart.check()
                heart.show(done)
    return done

"""Imports and exports of products: rows a second, and the most memory that the process held.

Each turn is a process of its own, as a worker's is, that starts with nothing read yet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.drain import peak_bytes
from benchmarks.engine import Run
from benchmarks.place import BASE, LOGS, environment

FORMATS = ("csv", "xlsx", "json")
TURNS = ("check", "write", "export")


def runs(count: int) -> dict[str, Run]:
    """By name. Each format's file is exported from `count` products, who are deleted, and then added from it."""
    found: dict[str, Run] = {}
    for kind in FORMATS:
        _empty()
        _products(count)
        found[f"transfers: export, {kind}"] = _turn("export", kind, count)
        for what in ("check", "write"):
            if what == "check":
                _emptied_but_files()
            found[f"transfers: {what}, {kind}"] = _turn(what, kind, count)
    return found


def _turn(what: str, kind: str, count: int) -> Run:
    command = [sys.executable, "-m", "benchmarks.transfers", what, kind]
    with (LOGS / "transfers.log").open("ab") as log:
        done = subprocess.run(
            command, cwd=BASE, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"{what} of {kind} failed: see {LOGS / 'transfers.log'}.")
    told = json.loads(done.stdout)
    if told["rows"] != count:
        raise SystemExit(f"{what} of {kind} had {told['rows']:,} rows, not {count:,}.")
    return Run(told["seconds"], told["rows"], told["peak"])


def main(what: str, kind: str) -> None:
    import django

    django.setup()
    began = time.perf_counter()
    rows = {"export": _export, "check": _check, "write": _write}[what](kind)
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": rows, "peak": peak_bytes()}))


def _export(kind: str) -> int:
    from catalog.products.which import ProductFilter
    from catalog.transfers.begin_export import begin_export
    from catalog.transfers.work import work_transfers

    transfer = begin_export(ProductFilter(), kind, actor=_person())
    work_transfers()
    return _done(transfer.pk, "finished")


def _check(kind: str) -> int:
    """The upload is a file on disk, as Django's handler leaves it."""
    from catalog.models import Transfer
    from catalog.transfers.begin_import import begin_import
    from catalog.transfers.work import work_transfers
    from storage import result_storage

    storage = result_storage()
    source = Path(storage.path(Transfer.objects.filter(kind="export", format=kind).latest("pk").key))  # type: ignore[attr-defined]
    with source.open("rb") as content:
        transfer = begin_import(source.name, content, source.stat().st_size, actor=_person())
    work_transfers()
    return _done(transfer.pk, "checked")


def _write(kind: str) -> int:
    from catalog.models import Transfer
    from catalog.transfers.confirm import confirm
    from catalog.transfers.work import work_transfers

    transfer = Transfer.objects.filter(kind="import", format=kind).latest("pk")
    confirm(transfer.pk, whole=False, actor=_person())
    work_transfers()
    return _done(transfer.pk, "finished", added=True)


def _done(pk: int, status: str, *, added: bool = False) -> int:
    from catalog.models import Transfer

    transfer = Transfer.objects.get(pk=pk)
    if transfer.status != status or transfer.refused:
        raise SystemExit(f"The transfer is {transfer.status}, {transfer.refused:,} refused: {transfer.failure}")
    return transfer.added if added else transfer.done


def _person() -> Any:
    from django.contrib.auth.models import User

    return User.objects.filter(username="bench").first() or User.objects.create_superuser("bench")


def _empty() -> None:
    from catalog.models import Product, Transfer

    Transfer.objects.all().delete()
    Product.objects.all()._raw_delete("default")


def _emptied_but_files() -> None:
    from catalog.models import Product

    Product.objects.all()._raw_delete("default")


def _products(count: int) -> None:
    """Made inside the database: with a name and a description as a shop has them, of about 250 characters."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_product (name, description, sku, price, sale_price, is_new, is_featured, status,"
            " barcode, version) SELECT 'オーガニックコットン Tシャツ ' || n,"
            " repeat('やわらかい肌ざわりの、毎日着たくなる一枚です。', 10), 'SKU-' || n, 1000 + n %% 9000, NULL,"
            " n %% 7 = 0, n %% 11 = 0, 'active', '', 1 FROM generate_series(1, %s) AS n",
            [count],
        )


if __name__ == "__main__":
    main(*sys.argv[1:3])

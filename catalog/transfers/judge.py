"""What rows would do: add, change, nothing, or why not. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.models import Product
from catalog.transfers.columns import COLUMNS
from catalog.transfers.look_up import Known
from catalog.transfers.reading.row import Row
from catalog.transfers.resource import ProductResource

ADDED, CHANGED, SAME, REFUSED = OUTCOMES = ("added", "changed", "same", "refused")
BY_COLUMN = {"category_id": "category", "__all__": ""}  # errors are told by attribute


class Judged(NamedTuple):
    """`version` is the product's as it was looked at, None where there is none. `told`: messages by column of a refused
    row, before and after by column of any other. `product` is ready to be written.
    """

    row: Row
    outcome: str
    sku: str
    version: int | None
    told: dict[str, Any]
    product: Product | None = None


def judge(rows: Iterable[Row], known: Known) -> list[Judged]:
    resource = ProductResource(known)
    loader = resource._meta.instance_loader_class(resource)
    return [_judged(row, resource, loader) for row in rows]


def _judged(row: Row, resource: ProductResource, loader: Any) -> Judged:
    found = resource.known.product(row.cells.get("sku", ""))
    sku, version = (found.sku, found.version) if found else (row.cells.get("sku", "").strip()[:64], None)
    cells = {column: text for column, text in row.cells.items() if column in COLUMNS and column not in row.faults}
    faults = dict(row.faults)
    result = resource.import_row(cells, loader, row_number=row.number) if "sku" in cells else None
    if result and result.errors:
        raise result.errors[0].error  # nobody foresaw it: it is no fault of the row
    if result and result.validation_error:
        faults |= {column: said for column, said in _messages(result.validation_error).items() if column not in faults}
    if faults or result is None:
        return Judged(row, REFUSED, sku, version, faults)
    if result.import_type == result.IMPORT_TYPE_SKIP:
        return Judged(row, SAME, sku, version, {})
    told = _differences(resource, cells, result.original, result.instance)
    return Judged(row, CHANGED if found else ADDED, result.instance.sku, version, told, result.instance)


def _messages(wrong: Any) -> dict[str, str]:
    return {BY_COLUMN.get(name, name): " ".join(said) for name, said in wrong.message_dict.items()}


def _differences(
    resource: ProductResource, cells: dict[str, str], before: Product | None, after: Product
) -> dict[str, Any]:
    """Before and after, by column, of those that the row has. Of a new product there is no before."""
    found = {}
    for field in resource.get_import_fields():
        if field.column_name not in cells or field.readonly:
            continue
        now, was = field.export(after), field.export(before) if before else None
        if now != was and not (before is None and now in (None, "")):
            found[field.column_name] = [_shown(was), _shown(now)]
    return found


def _shown(value: Any) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)

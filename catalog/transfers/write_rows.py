"""Checked rows become products: judged once more against what is there now, and written if that is what was shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from catalog.products.tell_written import tell_written
from catalog.transfers.checked_rows import CheckedRow
from catalog.transfers.judge import REFUSED, Judged, judge
from catalog.transfers.look_up import look_up
from catalog.transfers.reading.row import Row
from catalog.transfers.write_products import write_products

GONE = "It was deleted since it was checked: check the file again."
CAME = "It was added by somebody else since it was checked: check the file again."
CHANGED = "It was changed since it was checked (version {before}, now {now}): check the file again."


def write_rows(rows: Iterable[CheckedRow]) -> tuple[Counter[str], list[Judged]]:
    """Inside a transaction. How many came to what, and those that are refused only now."""
    rows = list(rows)
    checked = {row.number: row for row in rows if row.outcome != REFUSED}
    known = look_up((row.cells for row in checked.values()), lock=True)
    judged = [_held_against(each, checked[each.row.number]) for each in judge(_rows(checked), known)]
    write_products(judged)
    tell_written(sum(each.product is not None for each in judged))
    counts = Counter(each.outcome for each in judged)
    counts[REFUSED] += len(rows) - len(checked)
    return counts, [each for each in judged if each.outcome == REFUSED]


def _rows(checked: dict[int, CheckedRow]) -> list[Row]:
    return [row.row for row in checked.values()]


def _held_against(judged: Judged, checked: CheckedRow) -> Judged:
    """Refused, when the product is not the one that was looked at: what was shown would not be what is done."""
    if judged.version == checked.version:
        return judged
    if judged.version is None:
        said = GONE
    elif checked.version is None:
        said = CAME
    else:
        said = CHANGED.format(before=checked.version, now=judged.version)
    return judged._replace(outcome=REFUSED, told={"": said}, product=None)

"""`manage.py reconcile`: proves that ledger and levels agree, or names where they do not."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from inventory.ledger.reconcile import reconcile
from inventory.models import Reconciliation

AGREE, DIFFER = 0, 1


class Command(BaseCommand):
    help = (
        "Compare every stock level with the sum of its movements and with what its newest movement says, in one"
        " snapshot; nothing is changed. Exit codes: 0 they agree, 1 they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object on one line")

    def handle(self, *, as_json: bool, **options: Any) -> None:
        found = reconcile()
        self.stdout.write(json.dumps(_data(found), ensure_ascii=False) if as_json else _text(found))
        if found.differing:
            raise SystemExit(DIFFER)


def _data(found: Reconciliation) -> dict[str, Any]:
    return {
        "reconciliation": found.pk,
        "as_of": found.as_of and found.as_of.isoformat(),
        "levels": found.levels,
        "movements": found.movements,
        "differing": found.differing,
        "differences": found.differences,
    }


def _text(found: Reconciliation) -> str:
    head = f"{found.levels:,} levels, {found.movements:,} movements, as of {found.as_of:%Y-%m-%d %H:%M:%S} UTC: "
    if not found.differing:
        return head + "they agree."
    rows = [
        f"  {row['sku']} at {row['code']}: the level says {row['on_hand']:,} on hand, {row['reserved']:,} reserved; its"
        f" movements add up to {row['ledger_on_hand']:,} and {row['ledger_reserved']:,}; the newest one"
        f" ({row['newest'] or 'none'}) says {row['last_on_hand']:,} and {row['last_reserved']:,}."
        + (f" Movement {row['broken_at']} does not follow from the one before it." if row["broken_at"] else "")
        for row in found.differences
    ]
    more = found.differing - len(rows)
    return "\n".join([f"{head}{found.differing:,} DIFFER.", *rows, *([f"  And {more:,} more."] if more else [])])

"""The demo's shop: 500 products with pictures, and two months of stock."""

from __future__ import annotations

import time

from django.contrib.auth import get_user_model

from catalog.models import Product
from catalog.sample import fill as products
from catalog.sample.range import COUNT
from embedded.supervisor import Supervisor
from inventory.ledger.reconcile import reconcile
from inventory.models import StockMovement
from inventory.sample import fill as stock
from inventory.sample.trade import DAYS
from pages.terminal import Progress

MOST_SECONDS = 300


def fill_shop() -> None:
    actor = get_user_model().objects.get(username="admin")
    if not products.is_filled():
        with Progress("filling the catalogue") as progress:
            products.fill(actor, lambda count: progress.show(count, COUNT, count))
    if not stock.is_filled():
        with Progress("two months of trade") as progress:
            stock.fill(actor, lambda days: progress.show(days, DAYS, days))


def await_pictures(supervisor: Supervisor) -> bool:
    """Watch the workers make the pictures' renditions. False when it takes too long."""
    until, total = time.monotonic() + MOST_SECONDS, products.unfinished_pictures()
    with Progress("preparing pictures") as progress:
        while time.monotonic() < until:
            supervisor.poll()
            supervisor.check()
            left = products.unfinished_pictures()
            progress.show(total - left, total, total - left)
            if not left:
                return True
            time.sleep(0.2)
    return False


def told_of_shop() -> tuple[bool, str]:
    """Whether ledger and levels agree, and a sentence."""
    found = reconcile()
    verdict = "agree" if not found.differing else f"DIFFER at {found.differing:,} levels"
    return (
        not found.differing,
        f"The shop: {Product.objects.count():,} products, {StockMovement.objects.count():,} movements of stock;"
        f" ledger and levels {verdict}.",
    )

"""Two months of trade, posted as any other: the ledger and the levels agree because one writer wrote both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Product
from catalog.sample.range import items
from inventory.ledger.add_up_demand import add_up_demand
from inventory.ledger.post import post
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.models import Location, StockLevel, StockPosting
from inventory.sample.trade import DAYS, Shop, trade

PLACES = (("SHOP", "店舗 Shop"), ("WH", "倉庫 Warehouse"))
OPENS = time(9)
REORDER_POINT, REORDER_QUANTITY = 4, 24


def is_filled() -> bool:
    """The orders of the last morning are the last that is posted."""
    return StockPosting.objects.filter(key__startswith="sample/", key__contains="/order/").exists()


def fill(actor: User, seen: Callable[[int], None]) -> None:
    """Interrupted, it goes on where it was: each posting has its key. `seen` counts days."""
    shop = _shop()
    opened = _opened()
    for posting in trade(shop, opened):
        post(
            posting.kind,
            posting.lines,
            key=posting.key,
            actor=actor,
            reason=posting.reason,
            reference=posting.reference,
            at=min(posting.at, timezone.now()),
        )
        seen((posting.at - opened).days + 1)
    for level in StockLevel.objects.filter(location=shop.shop, reorder_point=0):
        set_reorder_point(
            level.product_id,
            shop.shop,
            reorder_point=REORDER_POINT,
            reorder_quantity=REORDER_QUANTITY,
            actor=actor,
        )
    add_up_demand()


def _shop() -> Shop:
    places = {code: Location.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name in PLACES}
    number = dict(Product.objects.values_list("sku", "pk"))
    products = [number[item.sku] for item in items() if item.sku in number]
    # In turn through the categories: the best sellers are not all of one.
    return Shop(places["WH"].pk, places["SHOP"].pk, [pk for start in range(7) for pk in products[start::7]])


def _opened() -> datetime:
    """The first morning: of an interrupted run, or so many days ago that the last one is yesterday."""
    first = StockPosting.objects.filter(key__startswith="sample/").order_by("pk").first()
    if first is not None:
        day = datetime.fromisoformat(first.key.split("/")[1]).date()
    else:
        day = timezone.localdate() - timedelta(days=DAYS)
    return timezone.make_aware(datetime.combine(day, OPENS))

"""The stock desk's pages at 100,000 products and 500,000 movements: their median time, and their queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import asked
from benchmarks.many_stock import build

PRODUCTS = 100_000
LEVELS = "admin:inventory_stocklevel_changelist"
LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("levels", {}),
    ("levels, page 100", {"p": "100"}),
    ("levels, out of stock", {"state": "out"}),
    ("levels, below reorder point", {"state": "low"}),
    ("levels, in stock", {"state": "ok"}),
    ("levels, of a location", {"location": "{small}"}),
    ("levels, of a category with all below", {"category": "{root}"}),
    ("levels, searched: part of a word", {"q": "シャツ"}),
    ("levels, searched: an SKU", {"q": "zz-77777"}),
    ("levels, soonest out of stock first", {"order": "cover"}),
    ("levels, soonest out, of a location", {"order": "cover", "location": "{small}"}),
)


def pages(products: int = PRODUCTS) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of `asked.ROUNDS`, and `queries`. The tables are emptied before."""
    from benchmarks import server

    server.empty()
    began = time.monotonic()
    build(products=products)
    print(f"  {products:,} products with their ledger made in {time.monotonic() - began:.0f} s", flush=True)
    return asked.measured(requests())


def requests() -> Iterator[asked.Request]:
    from django.test import Client
    from django.urls import reverse

    client, person = Client(SERVER_NAME="localhost"), asked.administrator()
    client.force_login(person)
    known = _known(person)
    for what, parameters in LISTS:
        data = {name: text.format(**known) for name, text in parameters.items()}
        yield what, partial(client.get, reverse(LEVELS), data)
    take = known["stocktake"]
    for what, address in {
        "a level": reverse("admin:inventory_stocklevel_change", args=[known["level"]]),
        "a product's history": reverse("admin:inventory_history", args=[known["product"]]),
        "history of what moved 20,000 times": reverse("admin:inventory_history", args=[known["hot"]]),
        "the same, of a kind": f"{reverse('admin:inventory_history', args=[known['hot']])}?kind=receipt&days=90",
        "movements": reverse("admin:inventory_stockmovement_changelist"),
        "movements of a product": f"{reverse('admin:inventory_stockmovement_changelist')}?product=zz-777",
        "postings": reverse("admin:inventory_stockposting_changelist"),
        "a posting": reverse("admin:inventory_stockposting_change", args=[known["posting"]]),
        "receive": reverse("admin:inventory_receive"),
        "look-up of a code": f"{reverse('admin:inventory_lookup')}?code=zz-777",
        "stocktakes": reverse("admin:inventory_stocktake_changelist"),
        "a stocktake of all": reverse("admin:inventory_stocktake_change", args=[take]),
        "its lines to count": f"{reverse('admin:inventory_stocktake_change', args=[take])}?show=uncounted",
        "its lines that differ": f"{reverse('admin:inventory_stocktake_change', args=[take])}?show=differing",
        "its lines that moved": f"{reverse('admin:inventory_stocktake_change', args=[take])}?show=moved",
        "its review": reverse("admin:inventory_stocktake_review", args=[take]),
    }.items():
        yield what, partial(client.get, address)
    yield "saving a line of it", _saved(client, take)


def _saved(client: Any, stocktake: int) -> Callable[[], Any]:
    """A further line each time, as htmx sends it."""
    from django.urls import reverse

    from inventory.models import StocktakeLine

    lines = iter(StocktakeLine.objects.filter(stocktake=stocktake, counted=None).order_by("pk")[:100])

    def save() -> Any:
        line = next(lines)
        address = reverse("admin:inventory_stocktake_line", args=[stocktake, line.pk])
        sent = {"version": line.version, "was": "", "counted": "7", "step": "count"}
        return client.post(address, sent, headers={"HX-Request": "true"})

    return save


def _known(person: Any) -> dict[str, Any]:
    from django.db import connection

    from catalog.models import Category, Product
    from inventory.models import Location, StockLevel, StockPosting, StocktakeLine
    from inventory.stocktakes.open import open_stocktake

    main, small = Location.objects.order_by("pk")[:2]
    began = time.monotonic()
    opened = open_stocktake(location_id=main.pk, actor=person)
    print(f"  a stocktake of {opened.lines:,} products opened in {time.monotonic() - began:.1f} s", flush=True)
    # Half of it is counted, and one line in a hundred of that differs.
    half = StocktakeLine.objects.filter(stocktake=opened.stocktake, pk__lte=_middle(opened.stocktake.pk))
    _count(half)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_stocktakeline")  # as autovacuum does within a minute
    products = Product.objects.order_by("pk")
    return {
        "small": small.pk, "root": Category.objects.filter(depth=1).order_by("path")[0].pk,
        "level": StockLevel.objects.order_by("pk")[500].pk, "product": products[500].pk, "hot": products[0].pk,
        "posting": StockPosting.objects.order_by("-pk")[50].pk, "stocktake": opened.stocktake.pk,
    }  # fmt: skip


def _middle(stocktake: int) -> int:
    from inventory.models import StocktakeLine

    lines = StocktakeLine.objects.filter(stocktake=stocktake).order_by("pk").values_list("pk", flat=True)
    return int(lines[lines.count() // 2])


def _count(lines: Any) -> None:
    from django.db.models import Case, F, When
    from django.db.models.functions import Mod, Now

    differing = Case(When(pk__in=lines.annotate(left=Mod("pk", 100)).filter(left=0), then=F("expected") + 1),
                     default=F("expected"))  # fmt: skip
    lines.update(counted=differing, on_hand_then=F("expected"), movement_then=F("movement_at_open"), counted_at=Now())

"""What the tests of the kinds `products` and `stock_counts` are made of: lines, jobs, products and places."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from batches.counts.place import place_counts
from batches.models import CountedStock, Job, ProductProposal
from catalog.models import Category, Product
from inventory.models import Location
from tests.builders import a_job, line

PROPOSED: dict[str, Any] = {"name": "Linen tote", "description": "A bag of linen.", "category": "bags", "price": 1280}
SURE = {"name": 0.99, "description": 0.9, "category": 0.8, "price": 0.97}
PRODUCTS_JOB, COUNTS_JOB = "products-1", "counts-1"


def _text(answer: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in answer.items() if value is not ...}, ensure_ascii=False)


def proposal_line(sku: str = "TOTE-1", answer: str = "", **changes: Any) -> bytes:
    """A Nova line that proposes PROPOSED with `changes`; a field changed to `...` is left out."""
    return line(sku, answer or _text({**PROPOSED, "confidence": SURE, **changes}))


def count_line(
    sku: str = "TOTE-1", location: str = "TOKYO", quantity: Any = 12, record: str = "", **more: Any
) -> bytes:
    """A Nova line that counts so many at a location."""
    answer = {"sku": sku, "location": location, "quantity": quantity, **more}
    return line(record or f"{location}#{sku}", _text(answer))


def products_job(job_id: str = PRODUCTS_JOB) -> Job:
    return a_job(job_id, kind="products")


def counts_job(job_id: str = COUNTS_JOB) -> Job:
    return a_job(job_id, kind="stock_counts")


def a_category(name: str = "Bags", slug: str = "bags") -> Category:
    found: Category = Category.objects.add_root(instance=Category(name=name, slug=slug))
    return found


def a_product(sku: str = "TOTE-1", **more: Any) -> Product:
    return Product.objects.create(sku=sku, **{"name": "Tote", "price": Decimal("1000.00"), **more})


def a_location(code: str = "TOKYO", **more: Any) -> Location:
    return Location.objects.create(code=code, name=code.capitalize(), **more)


def the_proposal(sku: str = "TOTE-1", **which: Any) -> ProductProposal:
    return ProductProposal.objects.get(sku=sku, **which)


def the_count(sku: str = "TOTE-1", **which: Any) -> CountedStock:
    return CountedStock.objects.get(sku=sku, **which)


def placed() -> int:
    """What a woken worker does."""
    return place_counts()

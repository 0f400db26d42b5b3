"""Products by what somebody typed: parts of words in any language, as the search index folds them (`models.search`).

A word of two characters or more is looked up by its pairs, which the GIN index has; `strpos` then sees whether they
stand in their order. A single character has no pair: it is looked for in the text itself.
"""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

from catalog.fold import narrow
from catalog.models import Product
from catalog.models.search import Folded, Pairs

MOST_WORDS, MOST_CHARS = 8, 100
Products = QuerySet[Product]


def words_of(term: str) -> list[str]:
    """Parted at blanks, wide ones too. What is too much to be meant is left out."""
    return term.replace("\0", " ").split()[:MOST_WORDS]


def matching(products: Products, term: str) -> Products:
    """Products in whose name, SKU or barcode every word of the term stands, unsorted."""
    for word in words_of(term):
        folded = Folded(Value(word[:MOST_CHARS]))
        if len(word) > 1:
            products = products.filter(pairs__contains=Pairs(folded))
        products = products.filter(GreaterThan(StrIndex(F("folded"), folded), 0))
    return products


def exact(term: str) -> int | None:
    """The product whose SKU or barcode the term is."""
    code = narrow(term)
    if not code or "\0" in code:
        return None
    found = Product.objects.order_by().alias(upper=Upper("sku")).filter(upper=Upper(Value(code)))
    by_barcode = Product.objects.order_by().filter(~Q(barcode=""), barcode=code)
    return found.values_list("pk", flat=True).first() or by_barcode.values_list("pk", flat=True).first()


def search(products: Products, term: str) -> Products:
    """As `matching`, and the product whose SKU or barcode this is before all others."""
    found = matching(products, term)
    if (pk := exact(term)) is None:
        return found
    # A product's own code stands in its text, so it is among those found; only its place is another.
    first = Case(When(pk=pk, then=0), default=1, output_field=IntegerField())
    return found.order_by(first, *(products.query.order_by or ("-pk",)))

"""What a product is found by: its text folded, and that text's pairs of characters, kept by the database itself.

Pairs find parts of words in any language, Japanese too, by an index that every PostgreSQL has: the embedded one has no
pg_trgm. Both functions are made by the first migration of this app.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Concat


class Folded(Func):
    """Lower case, NFKC, hiragana as katakana: `ｼｬﾂ`, `シャツ` and `しゃつ` are alike."""

    function = "catalog_folded"
    output_field = models.TextField()


class Pairs(Func):
    """The distinct pairs of neighbouring characters of a folded text."""

    function = "catalog_pairs"
    output_field = ArrayField(models.TextField())


FOLDED = Folded(Concat(F("name"), Value("\n"), F("sku"), Value("\n"), F("barcode")))

"""Some letters of a set, spread evenly over it."""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists

from batches.letters.filters import LetterFilter
from batches.letters.preview import waiting
from batches.letters.takeable import takeable
from batches.models import PatchRule
from batches.states import LetterStatus

SPREAD = """
    SELECT id, number FROM (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS number FROM ({chosen}) AS chosen
    ) AS placed
    WHERE place * %s / number <> (place - 1) * %s / number OR place = 0 ORDER BY id"""


def sample(which: LetterFilter, rule: PatchRule | None, up_to: int, most: int) -> tuple[int, list[int]]:
    """How many letters a redrive would take, and the ids of at most that many of them."""
    letters = takeable(which, rule, up_to).filter(~Exists(waiting()), status=LetterStatus.OPEN)
    try:
        query, parameters = letters.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return 0, []
    with connection.cursor() as cursor:
        cursor.execute(SPREAD.format(chosen=query), [*parameters, most, most])
        found = cursor.fetchall()
    return (found[0][1], [pk for pk, _ in found]) if found else (0, [])

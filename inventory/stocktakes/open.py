"""A stocktake is opened: by a person for a location or a category there, or by a result file for what it counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction

from catalog.models import Category
from inventory.models import Location, Stocktake
from inventory.stocktakes.refused import Refused
from inventory.stocktakes.take_counts import Counted, Taken, take_counts
from monitoring import audit

PERMISSION = "inventory.add_stocktake"
MOST_NOTE = 2000
# One statement, so one moment: what is expected and the movement that made it so belong together. In the order of the
# SKUs, since ids are the order in which the lines are walked.
FILL = """
    INSERT INTO inventory_stocktakeline
        (stocktake_id, product_id, expected, movement_at_open, verified, found, version)
    SELECT %(stocktake)s, product_id, on_hand, newest, false, false, 1
    FROM (
        SELECT l.product_id, l.on_hand, coalesce((SELECT m.id FROM inventory_stockmovement m WHERE
            m.product_id = l.product_id AND m.location_id = l.location_id ORDER BY m.id DESC LIMIT 1), 0) AS newest
        FROM inventory_stocklevel l
        JOIN catalog_product p ON p.id = l.product_id
        LEFT JOIN catalog_category c ON c.id = p.category_id
        WHERE l.location_id = %(location)s AND (l.on_hand <> 0 OR p.status <> 'archived')
            AND (%(path)s = '' OR starts_with(c.path, %(path)s))
        ORDER BY upper(p.sku)
    ) AS listed"""


class Opened(NamedTuple):
    """`lines` are on the list; `repeated`: the source's stocktake was there; `taken`: what became of given counts."""

    stocktake: Stocktake
    lines: int
    repeated: bool = False
    taken: Taken | None = None


def open_stocktake(
    *,
    location_id: int,
    actor: User | AnonymousUser | None,
    category_id: int | None = None,
    blind: bool = False,
    note: str = "",
    source: str = "",
    lines: Sequence[Counted] | None = None,
) -> Opened:
    """PermissionDenied, or Refused with a sentence.

    With `source` (the id of a result file's job) it is the machine that counts: no permission is asked for, the list is
    what `lines` say, and asking again takes further lines into the same stocktake. May be called in a transaction.
    """
    if not source:
        audit.permit(actor, PERMISSION, action="open", subject="stocktake", location=location_id)
    with transaction.atomic():
        location = _location(location_id)
        if source:
            return _of_source(source, location, lines or (), note)
        return _of_person(location, actor, category_id, blind, note)


def _of_person(
    location: Location, actor: User | AnonymousUser | None, category_id: int | None, blind: bool, note: str
) -> Opened:
    category = _category(category_id)
    stocktake = Stocktake.objects.create(
        location=location, category=category, blind=blind, note=note.strip()[:MOST_NOTE], opened_by_id=_pk(actor)
    )
    with connection.cursor() as cursor:
        path = category.path if category else ""
        cursor.execute(FILL, {"stocktake": stocktake.pk, "location": location.pk, "path": path})
        listed = cursor.rowcount
    audit.record(
        actor, "open", "stocktake", stocktake.pk,
        location=location.code, category=str(category or ""), blind=blind, lines=listed,
    )  # fmt: skip
    return Opened(stocktake, listed)


def _of_source(source: str, location: Location, lines: Sequence[Counted], note: str) -> Opened:
    stocktake, created = Stocktake.objects.get_or_create(
        source=source, location=location, defaults={"note": note.strip()[:MOST_NOTE]}
    )
    if created:
        audit.record(None, "open", "stocktake", stocktake.pk, location=location.code, source=source)
    taken = take_counts(stocktake.pk, lines)
    return Opened(stocktake, taken.added, not created, taken)


def _location(location_id: int) -> Location:
    location = Location.objects.filter(pk=location_id).first()
    if location is None:
        raise Refused("There is no such location: choose one from the list.")
    if not location.is_active:
        raise Refused(f"{location} is not in use any more: make it active again, or choose another location.")
    return location


def _category(category_id: int | None) -> Category | None:
    if category_id is None:
        return None
    category: Category | None = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise Refused("There is no such category any more: choose another, or count the whole location.")
    return category


def _pk(actor: User | AnonymousUser | None) -> int | None:
    return actor.pk if isinstance(actor, User) else None

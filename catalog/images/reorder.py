"""The order of a product's pictures: the whole of it, in one statement."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction

from catalog.images.locked import locked_product
from catalog.images.permitted import PERMISSION
from catalog.models import ProductImage
from monitoring.audit import permit, record

# What was not named, because it came meanwhile, stays behind in its order; what is named and gone is nothing. The
# unique constraint on the places is looked at when the transaction ends.
PLACE = """
    UPDATE catalog_productimage AS image SET position = placed.place FROM (
        SELECT each.id, row_number() OVER (ORDER BY named.place NULLS LAST, each.position) AS place
        FROM catalog_productimage AS each
        LEFT JOIN unnest(%s::bigint[]) WITH ORDINALITY AS named (id, place) ON named.id = each.id
        WHERE each.product_id = %s
    ) AS placed
    WHERE image.id = placed.id AND image.position <> placed.place"""


def reorder(product: int, images: Sequence[int], *, actor: User | AnonymousUser) -> None:
    """The named ones first, in that order. PermissionDenied, Refused."""
    user = permit(actor, PERMISSION, action="reorder images", subject="product", subject_id=product)
    with transaction.atomic():
        locked_product(product)
        before = order_of(product)
        if place(product, list(dict.fromkeys(images))):
            record(user, "reorder images", "product", product, before=before, after=order_of(product))


def place(product: int, images: Sequence[int] = ()) -> int:
    """How many changed their place. None named: only gaps are closed. In a transaction that has locked the product."""
    with connection.cursor() as cursor:
        cursor.execute(PLACE, [list(images), product])
        return int(cursor.rowcount)


def order_of(product: int) -> list[int]:
    return list(ProductImage.objects.filter(product=product).order_by("position").values_list("pk", flat=True))

"""A worker takes a picture in hand for a while. A lease that has run out is simply claimed again by somebody else."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from catalog.images.limits import LEASE_SECONDS, MOST_ATTEMPTS
from catalog.models import ImageStatus, ProductImage

CLAIM = """
    UPDATE catalog_productimage SET lease = lease + 1, attempts = attempts + 1,
        leased_until = now() + make_interval(secs => %s)
    WHERE id = %s AND status = 'uploaded' AND (leased_until IS NULL OR leased_until < now()) AND attempts < %s
    RETURNING id, lease, key, name, content_type"""
RENEW = """
    UPDATE catalog_productimage SET leased_until = now() + make_interval(secs => %s)
    WHERE id = %s AND status = 'uploaded' AND lease = %s"""
RELEASE = """
    UPDATE catalog_productimage SET leased_until = NULL, woken_at = now(), failure = %s, attempts = attempts - %s
    WHERE id = %s AND status = 'uploaded' AND lease = %s"""


class Claimed(NamedTuple):
    image: int
    lease: int
    key: str
    name: str
    content_type: str


class LeaseLost(Exception):
    """Somebody else has it, or it was removed: nothing more is to be done here."""


def claim(image: int) -> Claimed | None:
    """None: it is done, in other hands, used up, or gone."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [LEASE_SECONDS, image, MOST_ATTEMPTS])
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def renew(claimed: Claimed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [LEASE_SECONDS, claimed.image, claimed.lease])
        if not cursor.rowcount:
            raise LeaseLost


def release(claimed: Claimed, told: str, *, uncounted: bool) -> None:
    """Give it back, to be tried again in a minute. `uncounted`: the fault was not the picture's."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, [told, int(uncounted), claimed.image, claimed.lease])


def held(claimed: Claimed) -> QuerySet[ProductImage]:
    """The row, as long as it is ours: for the UPDATE that ends the work."""
    return ProductImage.objects.filter(pk=claimed.image, status=ImageStatus.UPLOADED, lease=claimed.lease)

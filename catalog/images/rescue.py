"""Pictures and leftovers that a dead worker or a lost message left lying. Asks the database, and storage nothing."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from catalog.images.limits import MOST_ATTEMPTS, REST_SECONDS
from catalog.images.refuse import refuse
from catalog.images.wake import wake_maker, wake_remover
from catalog.models import ImageStatus, ProductImage

MOST_WOKEN = 16
# Those of a worker that is at work are not waiting, those that were woken within the minute are on their way.
WAKE = """
    UPDATE catalog_productimage SET woken_at = now() WHERE id IN (
        SELECT id FROM catalog_productimage
        WHERE status = 'uploaded' AND attempts < %s AND (leased_until IS NULL OR leased_until < now())
            AND (woken_at IS NULL OR woken_at < now() - make_interval(secs => %s))
        ORDER BY woken_at NULLS FIRST LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id"""
DUE = """SELECT EXISTS (
    SELECT FROM catalog_leftover WHERE tried_at IS NULL OR tried_at < now() - make_interval(secs => %s))"""


def rescue_images() -> None:
    give_up()
    for image in _woken():
        wake_maker(image)
    if _leftovers_due():
        wake_remover()


def give_up() -> int:
    """What ended its worker again and again must not do so for ever."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    tired = ProductImage.objects.filter(free, status=ImageStatus.UPLOADED, attempts__gte=MOST_ATTEMPTS)[:100]
    return sum(refuse(image.pk, _why(image), lease=image.lease) for image in tired)


def _why(image: ProductImage) -> str:
    cause = image.failure or "each time its worker ended before it was done."
    return (
        f"{image.name} could not be prepared in {MOST_ATTEMPTS} attempts: {cause} Save it smaller, and upload it again."
    )


def _woken() -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WAKE, [MOST_ATTEMPTS, REST_SECONDS, MOST_WOKEN])
        return [pk for (pk,) in cursor.fetchall()]


def _leftovers_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(DUE, [REST_SECONDS])
        return bool(cursor.fetchone()[0])

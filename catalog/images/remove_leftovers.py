"""Delete what is left behind in storage, and only then forget its keys. What cannot be deleted is tried again."""

from __future__ import annotations

import logging

from django.db import connection

from catalog.images.limits import REST_SECONDS
from catalog.models import Leftover
from monitoring import telemetry
from storage import result_storage

MOST_AT_ONCE = 1000
CLAIM = """
    UPDATE catalog_leftover SET tried_at = now() WHERE id IN (
        SELECT id FROM catalog_leftover WHERE tried_at IS NULL OR tried_at < now() - make_interval(secs => %s)
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING key"""


def remove_leftovers() -> int:
    """How many keys are forgotten now."""
    removed = 0
    while keys := _claimed():
        faults = result_storage().remove(keys)
        removed += Leftover.objects.filter(key__in=[key for key in keys if key not in faults]).delete()[0]
        if faults:
            told = str(next(iter(faults.values())))
            telemetry.event("leftovers_not_removed", level=logging.WARNING, count=len(faults), error=told)
    return removed


def _claimed() -> list[str]:
    """A minute's time for each: killed in between, they are claimed again, and an object that is gone is no fault."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [REST_SECONDS, MOST_AT_ONCE])
        return [key for (key,) in cursor.fetchall()]

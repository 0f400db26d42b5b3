"""Minutes of before a metric had a series of its own get one from the migration, as the roll-up would have made it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.models import MinuteBucket
from tests.figures import a_minute, counted, measured

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE_MINUTES = import_module("monitoring.migrations.0011_whole_minutes").WHOLE_MINUTES


def test_they_are_what_the_roll_up_makes() -> None:
    for hour in (3, 4):
        measured("http.requests", a_minute(hour), [0.1, 0.2, 3.0], failed=1, route="/a")
        measured("http.requests", a_minute(hour), [0.2, 0.4], route="/b")
        counted("batch.lines", a_minute(hour), 7, failed=2)
    roll_up_metrics()
    made = wholes()
    assert len(made) == 4  # two metrics, two minutes
    parts = MinuteBucket.objects.exclude(series__labels={"*": "*"}).count()

    MinuteBucket.objects.filter(series__labels={"*": "*"}).delete()
    for _ in range(2):  # a migration that was broken off is run again
        with connection.cursor() as cursor:
            cursor.execute(WHOLE_MINUTES)
        assert wholes() == made
    assert MinuteBucket.objects.exclude(series__labels={"*": "*"}).count() == parts


def wholes() -> list[tuple[Any, ...]]:
    found = MinuteBucket.objects.filter(series__labels={"*": "*"}).values_list(
        "series__metric", "at", "count", "errors", "total", "least", "most", "bins", "bin_counts"
    )
    return sorted((*row[:7], sorted(zip(*row[7:], strict=True))) for row in found)

from __future__ import annotations

from django.db import models

from monitoring.models.metric import Measured, Series


class RunningTotal(Measured):
    """All that was ever rolled up of a series. It only grows: minutes and hours are dropped one day, this is not.

    With the deltas that still wait it is what Prometheus reads, which takes a counter that shrinks for a restart.
    """

    series = models.OneToOneField(
        Series, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.series_id} {self.count}"

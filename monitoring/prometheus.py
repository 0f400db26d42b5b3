"""`/metrics`: the process's own figures from django-prometheus, all others from the database (facts, not memory).

Which process answers does not matter, nor how many there are, nor when one was started anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitoring import telemetry
from monitoring.metrics import families


class RegisteredGauges(Collector):
    """One gauge family for each figure an app registered; a figure that cannot be read is left out and logged."""

    def collect(self) -> Iterator[Metric]:
        for gauge in telemetry.gauges():
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
            try:
                for sample in gauge.read():
                    family.add_metric([sample.labels[label] for label in gauge.labels], sample.value)
            except Exception:
                telemetry.fault("gauge_failed", gauge=gauge.name)
                continue
            yield family

    def describe(self) -> list[Metric]:
        """Nothing at registration: asking would query the database while the application is still loading."""
        return []


class StoredFigures(Collector):
    """Counters, histograms and levels: two statements. With the database away they are missing, which is not 0."""

    def collect(self) -> Iterator[Metric]:
        try:
            told = [*families.counted(), *families.looked_at(timezone.now())]
        except Exception:
            telemetry.fault("figures_not_told")
            return
        yield from told

    def describe(self) -> list[Metric]:
        return []

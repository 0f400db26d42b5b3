"""`/metrics`: the process's own figures from django-prometheus, the batches' from the database (facts, not memory)."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitoring import telemetry


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

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from monitoring import canary, telemetry
        from monitoring.levels.register import register
        from monitoring.prometheus import RegisteredGauges, StoredFigures

        telemetry.gauge(
            "nightshelf_queue_stalled_seconds",
            "How long the oldest canary that nobody has answered has been in the queue.",
            ("queue",),
            canary.stalled_seconds,
        )
        register()
        REGISTRY.register(RegisteredGauges())
        REGISTRY.register(StoredFigures())

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from monitoring import canary, outbox, telemetry
        from monitoring.prometheus import RegisteredGauges
        from monitoring.traces import statements, storage_calls, tasks

        telemetry.gauge(
            "nightshelf_queue_stalled_seconds",
            "How long the oldest canary that nobody has answered has been in the queue.",
            ("queue",),
            canary.stalled_seconds,
        )
        telemetry.gauge("nightshelf_outbox_waiting", "Notices that no channel has taken yet.", (), outbox.waiting)
        REGISTRY.register(RegisteredGauges())
        for edge in (statements, storage_calls, tasks):
            edge.observe()

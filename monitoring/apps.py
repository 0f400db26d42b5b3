from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from monitoring import canary, outbox, telemetry
        from monitoring.alarms.shipped import make_shipped_rules
        from monitoring.prometheus import RegisteredGauges

        telemetry.gauge(
            "nightshelf_queue_stalled_seconds",
            "How long the oldest canary that nobody has answered has been in the queue.",
            ("queue",),
            canary.stalled_seconds,
        )
        telemetry.gauge("nightshelf_outbox_waiting", "Notices that no channel has taken yet.", (), outbox.waiting)
        REGISTRY.register(RegisteredGauges())
        post_migrate.connect(make_shipped_rules, sender=self, dispatch_uid="monitoring.shipped_rules")

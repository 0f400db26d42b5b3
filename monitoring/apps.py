from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from monitoring import canary, telemetry
        from monitoring.alarms.shipped import make_shipped_rules
        from monitoring.channels import home_banner
        from monitoring.levels.register import register
        from monitoring.pages import behind_rows
        from monitoring.prometheus import RegisteredGauges, StoredFigures
        from monitoring.traces import statements, storage_calls, tasks
        from pages import banners

        banners.register("channels", home_banner.tell)

        telemetry.gauge(
            "nightshelf_queue_stalled_seconds",
            "How long the oldest canary that nobody has answered has been in the queue.",
            ("queue",),
            canary.stalled_seconds,
        )
        register()
        behind_rows.register()
        REGISTRY.register(RegisteredGauges())
        REGISTRY.register(StoredFigures())
        post_migrate.connect(make_shipped_rules, sender=self, dispatch_uid="monitoring.shipped_rules")
        for edge in (statements, storage_calls, tasks):
            edge.observe()

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from monitoring import canary, outbox, telemetry
        from monitoring.channels import home_banner
        from monitoring.prometheus import RegisteredGauges
        from pages import banners

        banners.register("channels", home_banner.tell)

        telemetry.gauge(
            "nightshelf_queue_stalled_seconds",
            "How long the oldest canary that nobody has answered has been in the queue.",
            ("queue",),
            canary.stalled_seconds,
        )
        telemetry.gauge("nightshelf_outbox_waiting", "Notices that no channel has taken yet.", (), outbox.waiting)
        telemetry.gauge(
            "nightshelf_deliveries_failed", "Notices a channel has not taken, or may not have.", (), outbox.failed
        )
        REGISTRY.register(RegisteredGauges())

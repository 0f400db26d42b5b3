from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "batches"
    verbose_name = "Overnight batches"

    def ready(self) -> None:
        from batches import gauges

        gauges.register()

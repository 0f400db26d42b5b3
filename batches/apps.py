from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BatchesConfig(AppConfig):
    name = "batches"
    verbose_name = "Overnight batches"

    def ready(self) -> None:
        from batches import gauges, levels, traces
        from batches.pages import behind
        from batches.ready_groups import make_ready_groups

        gauges.register()
        levels.register()
        traces.register()
        behind.register()
        post_migrate.connect(make_ready_groups, sender=self, dispatch_uid="batches.ready_groups")

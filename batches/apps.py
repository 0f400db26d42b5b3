from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BatchesConfig(AppConfig):
    name = "batches"
    verbose_name = "Overnight batches"

    def ready(self) -> None:
        from batches import gauges, levels, traces
        from batches.pages import home_figures
        from batches.ready_groups import make_ready_groups
        from monitoring.pages import behind

        gauges.register()
        levels.register()
        traces.register()
        behind.register("batch.lines", home_figures.dead_lines)
        behind.register("letters.open", home_figures.waiting_letters)
        behind.register("dlq.depth", home_figures.waiting_letters)
        post_migrate.connect(make_ready_groups, sender=self, dispatch_uid="batches.ready_groups")

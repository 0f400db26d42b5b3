from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog.images import gauges
        from catalog.images.keys import PREFIX
        from catalog.images.permitted import may_see
        from storage.folder_link import show_to

        gauges.register()
        show_to(PREFIX, may_see)

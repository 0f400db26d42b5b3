from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog.categories import picture
        from catalog.images import gauges, keys, permitted
        from storage.folder_link import show_to

        gauges.register()
        show_to(keys.PREFIX, permitted.may_see)
        show_to(picture.PREFIX, permitted.may_see_categories)

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Stock"

    def ready(self) -> None:
        from inventory import gauges
        from inventory.pages import home_banner
        from pages import banners

        gauges.register()
        banners.register("stock", home_banner.tell)

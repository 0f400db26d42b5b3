from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Stock"

    def ready(self) -> None:
        from catalog import stock_column
        from inventory import gauges
        from inventory.pages import behind as ours
        from inventory.pages import home_banner
        from inventory.stock_of_products import stock_of_products
        from monitoring.pages import behind
        from pages import banners

        gauges.register()
        behind.register("stock.postings", ours.movements)
        banners.register("stock", home_banner.tell)
        stock_column.register(stock_of_products)

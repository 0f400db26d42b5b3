from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Stock"

    def ready(self) -> None:
        from catalog import stock_column
        from inventory.stock_of_products import stock_of_products

        stock_column.register(stock_of_products)

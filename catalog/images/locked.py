from __future__ import annotations

from catalog.images.refused import Refused
from catalog.models import Product


def locked_product(product: int) -> Product:
    """Whoever changes which images a product has, or their order, does so one after the other. In a transaction.

    Without blocking those who only refer to the product.
    """
    found = Product.objects.select_for_update(of=("self",), no_key=True).filter(pk=product).first()
    if found is None:
        raise Refused("This product is not there any more.")
    return found

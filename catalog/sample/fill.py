"""Fill the catalogue by the verbs that people use. Run again, it adds only what is missing."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from django.contrib.auth.models import User

from catalog.categories.save_category import add_category
from catalog.images.begin_upload import begin_upload
from catalog.images.finish_upload import finish_upload
from catalog.models import Category, ImageStatus, Product, ProductImage, ProductStatus
from catalog.products.add_product import add_product
from catalog.sample.goods import BRANCHES
from catalog.sample.picture import picture_jpeg
from catalog.sample.range import COUNT, Item, items
from storage import result_storage

PICTURED = 60  # of the products; each picture is made into four renditions by the workers


def is_filled() -> bool:
    return Product.objects.filter(sku__in=[item.sku for item in items()]).count() == COUNT


def fill(actor: User, seen: Callable[[int], None]) -> None:
    """Categories, products and pictures. `seen` counts products."""
    categories = _categories(actor)
    known = dict(Product.objects.values_list("sku", "pk"))
    for number, item in enumerate(items()):
        pk = known.get(item.sku) or _added(item, number, categories[item.category], actor)
        if number % (COUNT // PICTURED) == 0:
            _picture(pk, item, number, actor)
        seen(number + 1)


def unfinished_pictures() -> int:
    return ProductImage.objects.filter(status__in=(ImageStatus.AWAITED, ImageStatus.UPLOADED)).count()


def _categories(actor: User) -> dict[str, int]:
    known = dict(Category.objects.values_list("slug", "pk"))
    for branch in BRANCHES:
        if branch.slug not in known:
            values = {"name": branch.name, "slug": branch.slug, "description": "", "image": ""}
            known[branch.slug] = add_category(values, known.get(branch.parent), actor=actor).pk
    return known


def _added(item: Item, number: int, category: int, actor: User) -> int:
    values = item._asdict() | {"category": category, "description": "", "status": _status(number)}
    return int(add_product(values, actor=actor).pk)


def _status(number: int) -> ProductStatus:
    return ProductStatus.DRAFT if number % 41 == 40 else ProductStatus.ACTIVE


def _picture(product: int, item: Item, number: int, actor: User) -> None:
    """The browser's part is done here; the rest is the workers'."""
    if ProductImage.objects.filter(product=product).exists():
        return
    content = picture_jpeg(number)
    begun = begin_upload(product, name=f"{item.sku}.jpg", size=len(content), content_type="image/jpeg", actor=actor)
    result_storage().put(begun.image.key, BytesIO(content))
    finish_upload(begun.image, actor=actor)

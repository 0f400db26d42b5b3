"""The pictures of a product: uploaded, put in order, described and removed on one page.

`urls(admin)` belongs before the admin's own; `admin` is a ModelAdmin with `pages.own_pages.OwnPages`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from catalog.images.encode import LARGE
from catalog.images.keys import new_original
from catalog.images.kinds import ALLOWED, KINDS
from catalog.images.limits import MAX_BYTES, MAX_PIXELS, MAX_PIXELS_OF, MOST_IMAGES
from catalog.images.permitted import may_change, may_see
from catalog.models import Product, ProductImage
from catalog.pages import image_changes, image_uploads, links
from catalog.pages.put import put_into_folder
from catalog.pages.shown_image import ShownImage, images_of, link_to, page_of, pick, shown
from pages.own_pages import origin_of
from storage import result_storage
from storage.port import StorageFault

MOST_FOLLOWED = MOST_IMAGES
FEWER = {kind: most // 1_000_000 for kind, most in MAX_PIXELS_OF.items()}


def urls(admin: Any) -> list[URLPattern]:
    def at(route: str, handler: Any, name: str) -> URLPattern:
        def view(request: HttpRequest, **arguments: Any) -> Any:
            return handler(request, admin, **arguments)

        made: URLPattern = path(route, admin.admin_site.admin_view(view), name=f"catalog_{name}")
        return made

    one = "<int:product_id>/images/<int:image_id>"
    return [
        at("<int:product_id>/images/", images_page, "product_images"),
        at("<int:product_id>/images/live/", live, "product_images_live"),
        at("<int:product_id>/images/begin/", image_uploads.begin, "product_images_begin"),
        at("<int:product_id>/images/order/", image_changes.order, "product_images_order"),
        at(f"{one}/finish/", image_uploads.finish, "product_image_finish"),
        at(f"{one}/describe/", image_changes.describe_image, "product_image_describe"),
        at(f"{one}/remove/", image_changes.remove, "product_image_remove"),
        at(f"{one}/open/", open_large, "product_image_open"),
        at("images/put/<str:token>/", put_into_folder, "folder_upload"),
    ]


def images_page(request: HttpRequest, admin: Any, product_id: int) -> HttpResponse:
    product = seen(request, product_id)
    if request.method == "POST":
        return image_uploads.upload_plainly(request, product)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "POST"])
    cells = [shown(image) for image in images_of(product_id)]
    origin, fault = _upload_origin(product_id)
    context = {
        "title": f"Images of {product}", "content_title": f"Images of {product.name}", "opts": None,
        "product": product, "cells": cells, "may_change": may_change(request.user), "fault": fault,
        "back": links.page("product", product_id), "allowed": ALLOWED,
        "accept": ",".join(kind.content_type for kind in KINDS),
        "max_bytes": MAX_BYTES, "max_pixels": MAX_PIXELS // 1_000_000, "fewer": FEWER, "most": MOST_IMAGES,
        "upload_origin": origin, "picture_origin": next((cell.origin for cell in cells if cell.origin), origin),
        **_followed(cells, max((cell.image.pk for cell in cells), default=0)),
    }  # fmt: skip
    return admin.rendered(request, "nightshelf/pictures/page.html", context)  # type: ignore[no-any-return]


def live(request: HttpRequest, admin: Any, product_id: int) -> HttpResponse:
    """What became of the images asked for, and those that came after the newest known; the poller comes with them."""
    product = seen(request, product_id)
    asked = {int(pk) for pk in request.GET.getlist("id")[:MOST_FOLLOWED] if pk.isdecimal() and len(pk) < 19}
    after = request.GET.get("after", "")
    newest = int(after) if after.isdecimal() and len(after) < 19 else 0
    cells = {image.pk: shown(image) for image in images_of(product_id)}
    told = [cells[pk] for pk in sorted(asked & cells.keys())]
    new = [cell for pk, cell in cells.items() if pk > newest]
    context = {
        "product": product, "told": told, "new": new, "gone": sorted(asked - cells.keys()),
        "may_change": may_change(request.user), **_followed([*told, *new], max([newest, *cells])),
    }  # fmt: skip
    return admin.rendered_part(request, "nightshelf/pictures/live.html", context)  # type: ignore[no-any-return]


def open_large(request: HttpRequest, admin: Any, product_id: int, image_id: int) -> HttpResponse:
    """To the picture in full, by a link made this moment: the one on the page may have run out."""
    seen(request, product_id)
    image = get_object_or_404(ProductImage, pk=image_id, product_id=product_id)
    large = pick(image.renditions.all(), LARGE.name, LARGE.content_type)
    try:
        if large:
            return HttpResponseRedirect(link_to(large))
        fault = shown(image).says
    except StorageFault as away:
        fault = str(away)
    context = {"title": image.name, "opts": None, "fault": fault, "back": page_of(product_id), "crumb": "Images"}
    response = admin.rendered(request, "nightshelf/pictures/unavailable.html", context)
    response.status_code = 410
    return response  # type: ignore[no-any-return]


def seen(request: HttpRequest, product_id: int) -> Product:
    """The product, for whoever may see it."""
    if not may_see(request.user):
        raise PermissionDenied
    return get_object_or_404(Product, pk=product_id)


def _followed(cells: list[ShownImage], newest: int) -> dict[str, Any]:
    """What the page's poller asks for next."""
    return {"followed": [cell.image.pk for cell in cells if cell.followed], "newest": newest}


def _upload_origin(product_id: int) -> tuple[str, str]:
    """Where uploads go to, when away from this site; or why there can be none. Storage is not asked."""
    try:
        target = result_storage().upload_target(new_original(product_id), KINDS[0].content_type, MAX_BYTES, 1)
        return origin_of(target.url), ""
    except StorageFault as fault:
        return "", str(fault)

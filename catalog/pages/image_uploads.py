"""Uploads: asked for by a script and sent straight to storage, or sent here as a plain form without scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404

from catalog.images.begin_upload import begin_upload
from catalog.images.finish_upload import finish_upload
from catalog.images.permitted import PERMISSION
from catalog.images.refused import Refused
from catalog.models import Product, ProductImage
from catalog.pages.shown_image import page_of
from monitoring.audit import permit
from storage import result_storage
from storage.port import StorageFault


def begin(request: HttpRequest, admin: Any, product_id: int) -> HttpResponse:
    """For the script: where to send one file to, or a sentence that says why not."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    told = request.POST
    try:
        begun = begin_upload(
            product_id, name=told.get("name", ""), size=_number(told.get("size", "")),
            content_type=told.get("type", "")[:100], actor=request.user,
        )  # fmt: skip
    except (Refused, StorageFault) as fault:
        return JsonResponse({"error": str(fault)})
    return JsonResponse({"image": begun.image.pk, "target": begun.target._asdict()})


def finish(request: HttpRequest, admin: Any, product_id: int, image_id: int) -> HttpResponse:
    """From the script, or by the button of a picture whose upload nobody told the end of."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    permit(request.user, PERMISSION, action="upload image", subject="product", subject_id=product_id, image=image_id)
    image = get_object_or_404(ProductImage, pk=image_id, product_id=product_id)
    try:
        finished = finish_upload(image, actor=request.user)
    except (Refused, StorageFault) as fault:
        return _answer(request, product_id, str(fault))
    return _answer(request, product_id, "", status=finished.status)


def upload_plainly(request: HttpRequest, product: Product) -> HttpResponse:
    """Each file by itself: one that is refused does not hold up the others."""
    permit(request.user, PERMISSION, action="upload image", subject="product", subject_id=product.pk)
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "Choose the pictures to upload.")
    came = 0
    for file in files:
        try:
            _take(request, product, file)
            came += 1
        except (Refused, StorageFault) as fault:
            messages.error(request, str(fault))
    if came:
        noun = "image has" if came == 1 else "images have"
        messages.success(request, f"{came} {noun} been uploaded: the sizes are made as soon as a worker is free.")
    return HttpResponseRedirect(page_of(product.pk))


def _take(request: HttpRequest, product: Product, file: UploadedFile[Any]) -> None:
    begun = begin_upload(
        product.pk, name=file.name or "", size=file.size or 0, content_type=file.content_type or "", actor=request.user
    )
    result_storage().put(begun.image.key, file)
    finish_upload(begun.image, actor=request.user)


def _answer(request: HttpRequest, product_id: int, error: str, status: str = "") -> HttpResponse:
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"error": error} if error else {"status": status})
    if error:
        messages.error(request, error)
    return HttpResponseRedirect(page_of(product_id))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0

"""What is done to pictures that are there: their order, their words, their removal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html

from catalog.images.describe import describe
from catalog.images.permitted import PERMISSION
from catalog.images.refused import Refused
from catalog.images.remove_image import remove_image
from catalog.images.reorder import order_of, reorder
from catalog.models import ProductImage
from catalog.pages.shown_image import page_of
from monitoring.audit import permit
from pages.confirm import confirm_page

STEPS = {"earlier": -1, "later": 1}


def order(request: HttpRequest, admin: Any, product_id: int) -> HttpResponse:
    """`ids`: the whole order, as a script has it; or a button's `earlier` or `later`, with the image it is for."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    moved = ""
    ids = [int(pk) for pk in request.POST.get("ids", "").split(",") if pk.isdecimal() and len(pk) < 19]
    for verb, step in STEPS.items():
        if (moved := request.POST.get(verb, "")).isdecimal() and len(moved) < 19:
            ids = _stepped(order_of(product_id), int(moved), step)
            break
    try:
        reorder(product_id, ids, actor=request.user)
    except Refused as refusal:
        return _told(request, product_id, str(refusal))
    return _done(request, product_id, "The order is stored.", moved)


def describe_image(request: HttpRequest, admin: Any, product_id: int, image_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    image = _found(request, "describe image", product_id, image_id)
    try:
        describe(image, request.POST.get("alt", ""), actor=request.user)
    except Refused as refusal:
        return _told(request, product_id, str(refusal))
    return _done(request, product_id, "Saved.", str(image_id))


def remove(request: HttpRequest, admin: Any, product_id: int, image_id: int) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    image = _found(request, "remove image", product_id, image_id)
    back = page_of(product_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        removed = remove_image(image, actor=request.user)
        if _scripted(request):
            return JsonResponse({"removed": removed})
        if removed:
            messages.success(request, f"{image.name} has been removed.")
        return HttpResponseRedirect(back)
    return confirm_page(
        request, admin, form, heading=f"Remove {image.name}", button="Remove it", danger=True, back=back,
        crumb="Images", facts=_facts(image),
        text="It is taken off the product at once, and its files are deleted from storage. This cannot be undone.",
    )  # fmt: skip


def _facts(image: ProductImage) -> list[tuple[str, str, str]]:
    return [
        ("Product", str(image.product), ""), ("Place", str(image.position), ""), ("Shows", image.alt or "–", ""),
        ("State", image.get_status_display(), ""),
    ]  # fmt: skip


def _stepped(ids: list[int], moved: int, step: int) -> list[int]:
    """The order with one image a place further. At the end it stays where it is."""
    if moved not in ids:
        return ids
    at = ids.index(moved)
    to = min(max(at + step, 0), len(ids) - 1)
    ids.insert(to, ids.pop(at))
    return ids


def _found(request: HttpRequest, action: str, product_id: int, image_id: int) -> ProductImage:
    permit(request.user, PERMISSION, action=action, subject="product", subject_id=product_id, image=image_id)
    return get_object_or_404(ProductImage.objects.select_related("product"), pk=image_id, product_id=product_id)


def _done(request: HttpRequest, product_id: int, said: str, moved: str = "") -> HttpResponse:
    if _scripted(request):
        return HttpResponse(format_html('<span class="ns-good-text">{}</span>', said))
    messages.success(request, said)
    return HttpResponseRedirect(f"{page_of(product_id)}#picture-{moved}" if moved else page_of(product_id))


def _told(request: HttpRequest, product_id: int, fault: str) -> HttpResponse:
    if _scripted(request):
        # 200: a page that swaps answers in does so with good ones only, and the sentence has to be seen.
        return HttpResponse(format_html('<span class="ns-bad-text">{}</span>', fault))
    messages.error(request, fault)
    return HttpResponseRedirect(page_of(product_id))


def _scripted(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest"

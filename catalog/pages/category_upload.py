"""The picture of a category on its way from the form to storage: before the admin begins its transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from catalog.categories.picture import store_picture
from catalog.products.refused import Refused
from storage.port import StorageFault


def picture_stored(request: HttpRequest, may: bool) -> None:
    """Its key takes the place of the key in the form, so that it is kept when the form is shown once more."""
    file = request.FILES.get("upload")
    if request.method != "POST" or file is None or not may:
        return
    try:
        key = store_picture(file, file.size or 0)
    except Refused as refusal:
        request.refusal = {"upload": str(refusal)}  # type: ignore[attr-defined]
    except StorageFault as fault:
        request.refusal = {"upload": f"The picture could not be stored: {fault} Try again."}  # type: ignore[attr-defined]
    else:
        data = request.POST.copy()
        data["image"] = key
        request.POST = data  # type: ignore[assignment]


def refused_once(request: HttpRequest, shown: Callable[[], Any]) -> Any:
    """The form's page; what its verb refused is shown as the form's fault."""
    try:
        return shown()
    except Refused as refusal:
        request.refusal = dict(refusal.fields)  # type: ignore[attr-defined]
        return shown()

"""What a code stands for, as JSON: asked by the pages' script at each scan."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from inventory.models import StockLevel
from inventory.pages import links
from inventory.scan import find_product
from monitoring import audit

PERMISSION = "inventory.view_stocklevel"


def lookup(request: HttpRequest) -> HttpResponse:
    """`code`, and optionally `location` by id. Found or not, it answers 200: an unknown code is no fault."""
    audit.permit(request.user, PERMISSION, action="look_up", subject="stock")
    code = request.GET.get("code", "").strip()[:200]
    product = find_product(code)
    if product is None:
        answer: dict[str, object] = {
            "found": False, "code": code,
            "sentence": f"No product has the SKU or barcode {code}." if code else "Scan or type a code first.",
            "register": links.register(code) if code and request.user.has_perm("catalog.add_product") else "",
        }  # fmt: skip
    else:
        answer = {
            "found": True, "code": product.sku, "id": product.pk, "name": product.name,
            "history": links.history(product.pk), **_level(product.pk, request.GET.get("location", "")),
        }  # fmt: skip
    response = JsonResponse(answer)
    response["Cache-Control"] = "no-store"
    return response


def _level(product: int, location: str) -> dict[str, int]:
    if not (location.isascii() and location.isdigit() and len(location) < 19):
        return {}
    level = StockLevel.objects.filter(product=product, location=int(location)).first()
    return {"on_hand": level.on_hand if level else 0, "available": level.available if level else 0}

"""`/api/health`: the process answers (O-ALERT-01). Checks of what it depends on belong to monitoring proper."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})

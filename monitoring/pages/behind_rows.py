"""The rows behind this app's own figures: what people did, and notices that wait or were not taken."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from monitoring.pages import behind
from monitoring.pages.behind import Asked
from pages.moments import written


def register() -> None:
    behind.register("admin.actions", _actions)
    behind.register("product.edits", _edits)
    behind.register("notices.sent", _tried)
    behind.register("outbox.waiting", _waiting)
    behind.register("deliveries.failed", _failed)


def _actions(asked: Asked, request: HttpRequest) -> str:
    wanted = {"action": asked.labels.get("action", ""), "allowed": "no" if asked.failed else ""}
    return _list(request, "auditentry", moments=written(asked.start, asked.end), **wanted)


def _edits(asked: Asked, request: HttpRequest) -> str:
    return _list(request, "change", "auditentry", object="product", moments=written(asked.start, asked.end))


def _tried(asked: Asked, request: HttpRequest) -> str:
    """Those that failed and were left since, or taken at a later try, are not among the failed any more."""
    kind, state = asked.labels.get("kind", ""), "" if asked.failed else "all"
    return _list(request, "delivery", state=state, channel__kind__exact=kind, tried=written(asked.start, asked.end))


def _waiting(asked: Asked, request: HttpRequest) -> str:
    return _list(request, "delivery", state="waiting")


def _failed(asked: Asked, request: HttpRequest) -> str:
    return _list(request, "delivery")


def _list(request: HttpRequest, model: str, seen_with: str = "", **filters: Any) -> str:
    if not request.user.has_perm(f"monitoring.view_{seen_with or model}"):
        return ""
    return f"{reverse(f'admin:monitoring_{model}_changelist')}?{urlencode({k: v for k, v in filters.items() if v})}"

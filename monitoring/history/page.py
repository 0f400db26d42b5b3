"""`…/history/` of every object in the admin: one view for all tables that are tracked, whoever wrote their admin."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from monitoring.history.change import Change
from monitoring.history.timeline import Bounds, timeline
from monitoring.history.track import Tracked, found, label_of

AUDIT_PERMISSION = "monitoring.view_auditentry"


def history_page(request: HttpRequest, app_label: str, model_name: str, object_id: str) -> HttpResponse:
    """For whoever may see the object. That of a deleted one is there for whoever may see its kind."""
    of_model = _admin_of(app_label, model_name)
    of = found(label_of(of_model.model))
    if of is None:
        return of_model.history_view(request, object_id)  # type: ignore[no-any-return]
    pk = unquote(object_id)
    row = of_model.get_object(request, pk)
    if not of_model.has_view_permission(request, row):
        raise PermissionDenied
    name = str(row) if row is not None else _last_name(of, pk)
    context = _context(request, of, pk, below=Bounds(_number(request, "change"), _number(request, "entry")))
    page = {"opts": of_model.opts, "title": f"History of {name}", "name": name, "gone": row is None, **context}
    page["back"] = "" if row is None else _address(of, "change", pk)
    request.current_app = admin.site.name
    return TemplateResponse(request, "nightshelf/history/page.html", {**admin.site.each_context(request), **page})


def _admin_of(app_label: str, model_name: str) -> Any:
    try:
        return admin.site._registry[apps.get_model(app_label, model_name)]
    except (LookupError, ValueError):
        raise Http404(f"There is no page of {app_label} {model_name}.") from None


def _context(request: HttpRequest, of: Tracked, pk: str, below: Bounds) -> dict[str, Any]:
    items, older = timeline(of, pk, below)
    wanted = {"change": older.change, "entry": older.entry} if older else {}
    return {
        "items": items,
        "newest": not any(below),
        "older": f"?{urlencode({name: key for name, key in wanted.items() if key})}" if older else "",
        "ledger": _ledger(of, pk),
        "may_audit": request.user.has_perm(AUDIT_PERMISSION),
    }


def _last_name(of: Tracked, pk: str) -> str:
    last = Change.objects.filter(pgh_obj_model=of.label, pgh_obj_id=pk, pgh_model=of.label).order_by("-pgh_id").first()
    if last is None:
        raise Http404(f"There is no {of.called} {pk}, and nothing is known of one.")
    return last.name or f"{of.called} {pk}"


def _ledger(of: Tracked, pk: str) -> str:
    if of.ledger is None:
        return ""
    try:
        return f"{reverse(of.ledger[0])}?{urlencode({of.ledger[1]: pk})}"
    except NoReverseMatch:
        return ""


def _address(of: Tracked, view: str, pk: str) -> str:
    app_label, _, model_name = of.label.partition(".")
    return reverse(f"admin:{app_label}_{model_name}_{view}", args=[quote(pk)])


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None

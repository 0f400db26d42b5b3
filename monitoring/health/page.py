"""`/api/health` says that the process answers, and asks nobody else; `?checks=db,storage` asks what it depends on.

Anybody may read it: it names no host, no version and no reason beyond a sentence of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from monitoring.health.ask import Outcome


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when all is well, 503 when a check fails, 400 when there is no such check."""
    if "checks" not in request.GET:
        return JsonResponse({"status": "ok"})
    # Only now: the library's checks take ten megabytes, which a worker that checks nothing has better use for.
    from monitoring.health.ask import ask
    from monitoring.health.checks import CHECKS

    names = [name for name in dict.fromkeys(request.GET["checks"].split(",")) if name]
    if not names or any(name not in CHECKS for name in names):
        return JsonResponse({"status": "unknown check", "known": list(CHECKS)}, status=400)
    found = ask(names)
    failing = any(outcome.why for outcome in found.values())
    told = {name: _told(outcome) for name, outcome in found.items()}
    return JsonResponse({"status": _word(failing), "checks": told}, status=503 if failing else 200)


def _told(outcome: Outcome) -> dict[str, object]:
    told: dict[str, object] = {"status": _word(bool(outcome.why)), "ms": round(1000 * outcome.seconds, 1)}
    return told | ({"why": outcome.why} if outcome.why else {})


def _word(failing: bool) -> str:
    return "failing" if failing else "ok"

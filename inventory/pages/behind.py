"""The rows behind figures of stock."""

from __future__ import annotations

from django.http import HttpRequest

from inventory.pages import links
from monitoring.pages.behind import Asked
from pages.moments import written


def movements(asked: Asked, request: HttpRequest) -> str:
    """Behind postings: a posting that failed has left none."""
    if asked.failed or not request.user.has_perm("inventory.view_stockmovement"):
        return ""
    return links.movements(kind__exact=asked.labels.get("kind", ""), moments=written(asked.start, asked.end))

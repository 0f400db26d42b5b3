"""Pictures that do not come from this site: the policy of the page that shows them, and of no other, lets them in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.http import HttpRequest


def pictures_allowed(request: HttpRequest, response: Any, links: Iterable[str]) -> Any:
    """The response, with the origins of these links in its policy; of the site itself nothing needs to be said."""
    parts = [urlsplit(link) for link in links if link]
    origins = sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.netloc})
    if origins:
        csp_update({"img-src": origins})(lambda _: response)(request)
    return response

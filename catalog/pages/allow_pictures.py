"""Pictures that do not come from this site: the policy of the page that shows them, and of no other, lets them in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from pages.own_pages import let_in, origin_of


def pictures_allowed(request: HttpRequest, response: Any, links: Iterable[str]) -> Any:
    """The response, with the origins of these links in its policy; of the site itself nothing needs to be said."""
    origins = {origin_of(link) for link in links} - {""}
    let_in(request, response, pictures=" ".join(sorted(origins)))
    return response

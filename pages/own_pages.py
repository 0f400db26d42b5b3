"""Pages that an admin has beside its list and its form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse


class OwnPages:
    """Mixed into a ModelAdmin."""

    admin_site: Any
    opts: Any
    # The theme's list asks each row for it twice; where it is missing, each time costs a look through all names.
    list_sections = ()

    def rendered(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        """`picture_origin`, `upload_origin`: what else than the site itself this page shows images of, and sends to."""
        request.current_app = self.admin_site.name
        common = {**self.admin_site.each_context(request), "opts": self.opts, "model_admin": self}
        response = TemplateResponse(request, template, {**common, **context})
        let_in(request, response, pictures=context.get("picture_origin", ""), uploads=context.get("upload_origin", ""))
        return response

    def rendered_part(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """A piece of a page, fetched by the page itself while something is going on."""
        response = render(request, template, context)
        response["Cache-Control"] = "no-store"
        return response


def let_in(request: HttpRequest, response: HttpResponse, *, pictures: str = "", uploads: str = "") -> None:
    """On this page alone, and only what it needs: the bucket's host is nobody's business elsewhere."""
    sources = {"img-src": [pictures]} if pictures else {}
    if uploads:
        sources["connect-src"] = [SELF, uploads]  # a directive of its own takes nothing over from the default
    if sources:
        csp_update(sources)(lambda _: response)(request)


def origin_of(link: str) -> str:
    """Of a link that leads away from this site; '' for one that does not."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
